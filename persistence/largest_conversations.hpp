// Which conversations are the largest: all of them are looked at, a portion at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/commands.hpp"
#include "actors/time.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// What makes a conversation large.
enum class conversation_measure : std::uint8_t { messages, members, events };

/// The measure that is meant by a text, or nothing.
std::optional<conversation_measure> parse_measure(std::string_view text) noexcept;

/// A conversation and how large it is.
struct sized_conversation {
  conversation_id conversation;
  conversation_kind kind = conversation_kind::group;
  std::string title = {};
  std::uint64_t messages = 0; ///< Those that are kept.
  std::uint64_t members = 0;
  std::uint64_t events = 0; ///< Those that are kept.
  bool frozen = false;
  timestamp created_at{};
};

/// Keeps the largest of those that it has seen.
class largest_conversations {
public:
  largest_conversations(conversation_measure by, std::size_t most) : by_(by), most_(most) {}

  /// Looks at some more, from where it is; false when that were all. A row that cannot be read is
  /// passed over. Each portion may see a later state than the one before.
  result<bool> go_on(const row_reader& rows);

  /// How many conversations were looked at, without those that are deleted.
  std::uint64_t seen() const noexcept { return seen_; }
  /// The largest first; of the same size by their ids.
  std::vector<sized_conversation> take();

private:
  void see(const std::string& id, const conversation_row& row);
  void keep_largest();

  conversation_measure by_;
  std::size_t most_;
  std::string behind_; ///< The last one that was looked at.
  std::uint64_t seen_ = 0;
  std::vector<sized_conversation> kept_; ///< At most twice as many as are wanted.
};

} // namespace parley
