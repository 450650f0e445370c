// From a committed batch to the outboxes of a conversation's sessions, and out of them.
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/shard_state.hpp"
#include "bench/counts/sample.hpp"
#include "bench/counts/stages.hpp"

namespace parley::counts {

namespace {

/// A shard without sockets whose sessions read at once.
class scene : public shard_port {
public:
  explicit scene(std::size_t records) {
    while (records_.size() < records)
      records_.push_back(recorded(records_.size() + 2));
    for (std::size_t i = 0; i < limits::ring_batches; ++i)
      commit(nullptr); // from here on it forgets as much as it remembers
    for (std::size_t i = 0; i < members; ++i)
      sessions_.push_back(&live(member(i)));
  }

  /// The first member sends all of a batch; everybody reads it.
  void send_and_deliver() {
    session& sender = *sessions_.front();
    for (std::size_t i = 0; i < records_.size(); ++i)
      shard_.command(sender, asked_);
    commit(&sender);
    for (session* each : sessions_)
      read_all(*each);
  }

  void dispatch(session&, envelope) override {}
  void wake(session&) override {}
  void read(read_catch_up) override {}
  void report(sessions_reported) override {}

private:
  void commit(const session* sender) {
    auto batch = std::make_shared<committed_batch>();
    batch->at = shard_.at().next();
    batch->records = records_;
    for (std::size_t i = 0; sender != nullptr && i < records_.size(); ++i)
      batch->acks.push_back({{0, sender->number()}, ack_});
    shard_.commit(std::move(batch), now_);
  }

  session& live(const user_id& user) {
    session& made = shard_.open(encoding::msgpack, now_);
    shard_.command(made, {std::int64_t{1}, hello{}});
    shard_.admit({made.number(), {user, device_id{"device"}, {}, false}, std::int64_t{1}, {}});
    const auto missed = std::make_shared<const catch_up>(catch_up{shard_.at(), {room}, {}, false});
    shard_.caught_up({made.number(), missed}, now_);
    read_all(made);
    return made;
  }

  void read_all(session& of) {
    require(!of.out().empty(), "a session was told nothing");
    while (!of.out().empty())
      of.out().pop();
    shard_.progressed(of, now_);
  }

  instant now_{};
  shard_state shard_{0, {"parley", "counts", "local-fsync"}, {"secret", "epoch"}, {}, *this};
  std::vector<record_ptr> records_;
  std::string ack_ = encode_sent(std::int64_t{1000}, room, client(1), sequence{2}, noon);
  const envelope asked_{std::int64_t{1000}, message(1)};
  std::vector<session*> sessions_;
};

std::uint64_t deliver_all(std::size_t records, std::uint64_t rounds) {
  scene it{records};
  it.send_and_deliver();
  for (std::uint64_t i = 0; i < rounds; ++i)
    it.send_and_deliver();
  return rounds * records * members;
}

} // namespace

std::uint64_t shard_of_1(std::uint64_t rounds) { return deliver_all(1, rounds); }
std::uint64_t shard_of_32(std::uint64_t rounds) { return deliver_all(32, rounds); }

} // namespace parley::counts
