// What a compaction leaves out of rows that stay: whom deleted messages mentioned, and the
// reactions to them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "persistence/cold_changes.hpp"
#include "persistence/compression.hpp"
#include "persistence/erasures/row_change.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// Looks at the rows of one view, table by table and in the order of keys. A mention may be any
/// text. Of a deleted message those stay that name somebody who is or was in the conversation:
/// these have counts that rest on them. All others go from the message, from the lists of whom was
/// mentioned, from their corrections, and from the conversation's count: together, so that what is
/// written is as whole as what was read. Events of reactions to what was deleted, or fell out,
/// become tombstones, packed or not.
class compacted_rows {
public:
  explicit compacted_rows(const row_reader& rows) : rows_(rows), packer_(limits::cold_level) {}

  /// What a row says from now on; nothing: as before, also where it cannot be read. An empty text:
  /// it goes.
  std::optional<std::string> see(model_table table, const std::string& key, std::string_view value);
  /// Rows that are to be written behind all others, once every row was looked at: what all segments
  /// take then, and corrections of which there was no row since they made up for one another.
  result<std::vector<row_change>> rest() const;

private:
  std::optional<std::string> event(const std::string& key, std::string_view value);
  std::optional<std::string> segment(const std::string& key, std::string_view value);
  std::optional<std::string> conversation(const std::string& key, std::string_view value);
  std::optional<std::string> message(const std::string& key, std::string_view value);
  std::optional<std::string> tally_of(const std::string& key, std::string_view value);
  std::optional<std::string> correction_of(const std::string& key, std::string_view value);

  /// The event without what it says, if it is a reaction to what is gone.
  std::optional<std::string> left_of(const conversation_id& in, const event_row& row);
  /// A deleted message is not taken off any more where that has no row.
  void note_missing(const tally_place& of);
  /// Whether it was deleted for everyone.
  bool is_erased(const conversation_id& in, sequence seq) const;
  sequence kept_from(const conversation_id& in);
  /// Whether somebody was never in the conversation.
  bool is_stranger(const conversation_id& in, const user_id& user);

  const row_reader& rows_;
  decompressor unpacker_;
  compressor packer_;
  cold_totals before_; ///< Of the segments that change.
  cold_totals after_;
  std::optional<std::pair<conversation_id, sequence>> kept_; ///< Of whom was asked last.
  std::optional<std::pair<std::string, bool>> stranger_;     ///< Likewise, by the key.
  std::string list_;                                         ///< Whose rows are gone through.
  std::uint64_t counted_ = 0;                                ///< Of its rows that stay.
  std::map<std::string, std::int64_t> missing_;              ///< Corrections without a row.
};

} // namespace parley
