// From records that wait to the bytes of a batch of the log, and their leave from the queue.
#include "actors/encoding.hpp"
#include "bench/counts/sample.hpp"
#include "bench/counts/stages.hpp"
#include "persistence/append_queue.hpp"
#include "persistence/record_codec.hpp"

namespace parley::counts {

namespace {

/// A log writer without a log.
class scene {
public:
  explicit scene(std::size_t records) {
    while (records_.size() < records)
      records_.push_back(recorded(records_.size() + 2));
  }

  void commit() {
    for (auto& each : records_) {
      each->seq = newest_ = newest_.next();
      append what{{}, append_number{newest_.value()}, each, {}};
      what.acks.push_back({{0, 1}, ack_});
      require(!queue_.push(what), "an append was refused");
    }
    std::vector<record_ptr> batch;
    batch.reserve(records_.size());
    for (const auto& each : queue_.take())
      batch.push_back(each.what);
    require(encode_batch(batch).size() > records_.size() * body_bytes, "a batch is too short");
    at_ = at_.next();
    queue_.committed(at_);
  }

private:
  append_queue queue_;
  std::vector<std::shared_ptr<record>> records_;
  std::string ack_ = encode_sent(std::int64_t{1000}, room, client(1), sequence{2}, noon);
  sequence newest_{1};
  position at_;
};

std::uint64_t commit_all(std::size_t records, std::uint64_t rounds) {
  scene it{records};
  it.commit();
  for (std::uint64_t i = 0; i < rounds; ++i)
    it.commit();
  return rounds * records;
}

} // namespace

std::uint64_t batch_of_1(std::uint64_t rounds) { return commit_all(1, rounds); }
std::uint64_t batch_of_32(std::uint64_t rounds) { return commit_all(32, rounds); }

} // namespace parley::counts
