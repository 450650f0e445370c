// What happens to segments after they were made: events in them are erased, segments come and go.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "persistence/cold_segment.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// What all segments take.
struct cold_totals {
  std::uint64_t bytes = 0;     ///< Of their values.
  std::uint64_t raw_bytes = 0; ///< Of the events, as they were before.
  friend bool operator==(const cold_totals&, const cold_totals&) = default;
};
result<cold_totals> read_cold_totals(const row_reader& rows);

/// Collects changes of segments, and keeps the totals.
class cold_changes {
public:
  explicit cold_changes(const row_reader& base) : base_(base) {}

  /// `event` takes the place of what `row` says, which came from a segment: that is written anew,
  /// so that nothing of the old event is left in it.
  outcome replace(const event_row& row, sequence seq, std::string event);
  /// A new segment.
  outcome put(std::string key, std::string value, std::uint64_t raw_bytes);
  /// A segment goes. `value` is what stands there; when that is damaged, what it took is not known,
  /// and the totals stay wrong.
  outcome erase(std::string key, std::string_view value);

  void write(write_transaction& to) const;

private:
  struct rewritten {
    cold_segment_ptr segment;
    std::uint64_t bytes = 0; ///< Of its value until now.
    std::map<sequence, std::string> events;
  };
  outcome read_totals();
  void count(std::uint64_t bytes, std::uint64_t raw_bytes, bool goes);
  std::string encoded(const std::string& key, const rewritten& what, cold_totals& into) const;

  const row_reader& base_;
  std::optional<cold_totals> totals_; ///< Nothing: as before.
  std::map<std::string, rewritten> rewritten_;
  std::map<std::string, std::string> others_; ///< An empty value: to be erased.
};

} // namespace parley
