// By how much the tallies are off since messages were edited or erased: sums over numbers that can
// change anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "persistence/rows.hpp"
#include "persistence/tallies.hpp"

namespace parley {

/// Lists and what is added to them at the number of a message.
using list_changes = std::vector<std::pair<std::string, std::int64_t>>;
/// A message counts no more, and those it mentioned are not mentioned.
list_changes changes_of_erasing(const conversation_id& in, const user_id& author,
                                const mentioned& mentions);
/// A message mentions others than before.
list_changes changes_of_mentioning(const conversation_id& in, const user_id& author,
                                   const mentioned& before, const mentioned& now);

/// A message is hidden from a user, who is not its author.
list_changes changes_of_hiding(const conversation_id& in, const user_id& from,
                               const mentioned& mentions);
/// A message mentions others than before, or is erased, and so counts for nobody: what that means
/// for a user from whom it was hidden already.
list_changes changes_of_hidden(const conversation_id& in, const user_id& from,
                               const mentioned& before, const std::optional<mentioned>& now);
bool mentions_user(const mentioned& who, const user_id& user);

/// What a batch adds to the sums. A list keeps one for each number that has any, and one for each
/// block of 256 numbers, and of 65,536: a sum over a range looks at some hundred rows at most, but
/// for the largest blocks, of which ten million numbers have 153.
class correction_changes {
public:
  explicit correction_changes(const row_reader& base) : base_(base) {}

  outcome add(const list_changes& changes, sequence message);

  /// Keys and values; an empty value stands for a row that is to go.
  std::vector<std::pair<std::string, std::string>> encoded() const;

private:
  outcome add(const std::string& list, sequence message, std::int64_t by);

  const row_reader& base_;
  std::unordered_map<std::string, std::int64_t> sums_;
};

/// What to add to counts of the messages behind `after`, up to `last`: of others, and of those that
/// mention the user.
struct others_correction {
  std::int64_t messages = 0;
  std::int64_t mentions = 0;
};
result<others_correction> correct_others(const row_reader& rows, const conversation_id& in,
                                         const user_id& user, sequence after, sequence last);

/// What to add to a count of the messages of one author.
result<std::int64_t> correct_own(const row_reader& rows, const conversation_id& in,
                                 const user_id& author, sequence after, sequence last);

/// The levels of blocks, and a row's key.
inline constexpr unsigned correction_levels = 3;
std::string correction_key(const std::string& list, unsigned level, std::uint64_t block);
/// Numbers in a block of this level, as a power of two.
constexpr unsigned correction_shift(unsigned level) noexcept { return 8 * level; }

} // namespace parley
