// A segment: a run of old events in one compressed, checksummed value.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/limits_cold.hpp"
#include "persistence/compression.hpp"
#include "persistence/schema.hpp"

namespace parley {

/// A segment that was unpacked; it does not change.
class cold_segment {
public:
  /// `internal` when the value is not what was written at this key.
  static result<std::shared_ptr<const cold_segment>>
  open(std::string_view key, std::string_view value, decompressor& with);
  cold_segment(const cold_segment&) = delete;
  cold_segment& operator=(const cold_segment&) = delete;

  const conversation_id& conversation() const noexcept { return conversation_; }
  sequence first() const noexcept { return first_; }
  sequence last() const noexcept { return sequence{first_.value() + events_.size() - 1}; }
  /// From `first` to `last`; their bytes live as long as this.
  const std::vector<event_row>& events() const noexcept { return events_; }
  /// Nothing when the number is not among them.
  const event_row* find(sequence seq) const noexcept;
  std::size_t bytes() const noexcept { return unpacked_.size(); }

private:
  cold_segment() = default;

  conversation_id conversation_;
  sequence first_;
  std::string unpacked_;
  std::vector<event_row> events_;
};
using cold_segment_ptr = std::shared_ptr<const cold_segment>;

/// Collects consecutive events and makes a segment of them.
class segment_maker {
public:
  /// Begins with the event `first` of a conversation.
  void begin(sequence first);
  void add(const event_row& row);
  sequence first() const noexcept { return first_; }
  /// The number that follows those it has.
  sequence next() const noexcept { return sequence{first_.value() + count_}; }
  std::size_t count() const noexcept { return count_; }
  std::size_t raw_bytes() const noexcept { return raw_.size(); }
  /// It takes no more.
  bool is_full() const noexcept {
    return count_ >= limits::cold_events || raw_.size() >= limits::cold_raw_bytes;
  }
  /// The value for `key`, which is the last event's.
  std::string value(const std::string& key, compressor& with) const;

private:
  sequence first_;
  std::size_t count_ = 0;
  std::string raw_;
};

/// The segments that a thread used last. One is known by its key and its checksum, so one that was
/// written anew is another one.
class segment_cache {
public:
  /// Of the calling thread; the only one that may use it.
  static segment_cache& of_thread();

  /// The segment of a row, unpacked now or before.
  result<cold_segment_ptr> open(std::string_view key, std::string_view value);
  /// Keeps so many bytes from now on; the latest is kept whatever it takes.
  void keep(std::size_t bytes);
  std::size_t bytes() const noexcept { return bytes_; }

private:
  struct entry {
    std::string key;
    std::uint64_t sum = 0;
    cold_segment_ptr segment;
  };
  void remember(entry made);
  void shrink();

  decompressor work_;
  std::list<entry> entries_; ///< The latest first.
  std::unordered_map<std::string_view, std::list<entry>::iterator> by_key_;
  std::size_t bytes_ = 0;
  std::size_t most_bytes_ = limits::cold_cache_bytes;
};

} // namespace parley
