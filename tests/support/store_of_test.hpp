// A store in a directory of its own, and ways to fill it.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "persistence/record_codec.hpp"
#include "persistence/replay.hpp"
#include "persistence/store.hpp"
#include "tests/support/story.hpp"
#include "tests/support/temporary_directory.hpp"

namespace parley::test {

/// The value, or an exception that fails the test with the failure's text.
template <class T>
T must(result<T> from) {
  if (!from)
    throw std::runtime_error(from.error().message);
  return std::move(*from);
}

/// Opens, closes and reopens one data directory.
class store_of_test {
public:
  store_of_test() : directory_(quick_place()) { open(); }

  const std::filesystem::path& path() const { return directory_.path(); }
  store_options options() const {
    store_options made;
    made.directory = directory_.path();
    return made;
  }

  void open() { open_ = must(store::open(options())); }
  void close() { open_.reset(); }
  std::shared_ptr<log_store> log() { return open_->log(); }
  std::shared_ptr<read_model> model() { return open_->model(); }
  store& get() { return *open_; }

  /// Appends each group of records as a batch and applies what is new.
  void write(const std::vector<std::vector<record_ptr>>& batches) {
    for (const auto& each : batches)
      must(log()->append(encode_batch(each)));
    must(replay_all(*log(), *model()));
  }
  /// Each record as a batch of its own.
  void write_each(const std::vector<record_ptr>& records) {
    std::vector<std::vector<record_ptr>> batches;
    for (const auto& each : records)
      batches.push_back({each});
    write(batches);
  }

private:
  temporary_directory directory_;
  std::shared_ptr<store> open_;
};

} // namespace parley::test
