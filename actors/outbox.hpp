// What waits to be written to one socket: shared pieces in order, counted in bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "actors/fifo.hpp"
#include "actors/time.hpp"

namespace parley {

/// One or more encoded envelopes that are sent as they are, to one session or to thousands.
class chunk {
public:
  explicit chunk(std::string msgpack) : msgpack_(std::move(msgpack)) {}

  /// MessagePack maps one after another.
  const std::string& msgpack() const noexcept { return msgpack_; }

  /// The same as JSON objects one per line, made by `convert(msgpack)` when first asked for. A
  /// chunk belongs to one shard's thread, so this needs no lock.
  template <class Convert>
  const std::string& json(Convert&& convert) const {
    if (json_.empty())
      json_ = convert(msgpack_);
    return json_;
  }

  /// What it takes in memory, in both encodings as far as they were made.
  std::size_t bytes() const noexcept { return msgpack_.size() + json_.size(); }

private:
  std::string msgpack_;
  mutable std::string json_;
};
using chunk_ptr = std::shared_ptr<const chunk>;
/// A chunk of envelopes that lie one behind the other.
inline chunk_ptr make_chunk(std::string envelopes) {
  return std::make_shared<const chunk>(std::move(envelopes));
}

/// A first-in-first-out of chunks that knows its size and the age of its oldest.
class outbox {
public:
  void push(chunk_ptr what, instant now) {
    const std::size_t size = what->bytes();
    bytes_ += size;
    waiting_.push_back({std::move(what), now, size});
  }
  /// Counts a chunk anew whose text was made while it waited.
  void recount(std::size_t index) {
    entry& grown = waiting_[index];
    bytes_ += grown.what->bytes() - grown.bytes;
    grown.bytes = grown.what->bytes();
  }
  bool empty() const noexcept { return waiting_.empty(); }
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return waiting_.size(); }
  const chunk_ptr& front() const { return waiting_.front().what; }
  const chunk_ptr& at(std::size_t index) const { return waiting_[index].what; }
  /// When the oldest was pushed; meaningless when empty.
  instant oldest() const { return waiting_.front().since; }
  void pop() {
    bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
  }
  void clear() {
    waiting_.clear();
    bytes_ = 0;
  }

private:
  struct entry {
    chunk_ptr what;
    instant since;
    std::size_t bytes; ///< As counted.
  };
  fifo<entry> waiting_;
  std::size_t bytes_ = 0;
};

} // namespace parley
