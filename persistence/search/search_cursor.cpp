// Numbers behind a Feistel network over the store's key: nobody learns how many messages the server
// has.
#include "persistence/search/search_cursor.hpp"

#include <charconv>
#include <utility>

#include "persistence/checksum.hpp"

namespace parley {

namespace {

constexpr unsigned row_bits = 42;
constexpr std::uint64_t all_rows = (std::uint64_t{1} << row_bits) - 1;
constexpr unsigned place_bits = 11;
constexpr unsigned rounds = 6;
/// So that the second number of a cursor is none that could be a first one.
constexpr std::uint64_t of_second = 0x5ec0;

/// Of a cursor's first number, above the row.
enum class kind : std::uint8_t { newest, relevance, newest_instead, end };

std::uint32_t mixed(std::uint32_t half, std::uint64_t key, unsigned round) {
  std::string bytes;
  append_big_endian(bytes, half);
  return static_cast<std::uint32_t>(checksum_of(bytes, key + round));
}

std::uint64_t hide(std::uint64_t value, std::uint64_t key) {
  auto left = static_cast<std::uint32_t>(value >> 32);
  auto right = static_cast<std::uint32_t>(value);
  for (unsigned round = 0; round < rounds; ++round)
    left = std::exchange(right, left ^ mixed(right, key, round));
  return std::uint64_t{left} << 32 | right;
}

std::uint64_t show(std::uint64_t hidden, std::uint64_t key) {
  auto left = static_cast<std::uint32_t>(hidden >> 32);
  auto right = static_cast<std::uint32_t>(hidden);
  for (unsigned round = rounds; round-- > 0;)
    right = std::exchange(left, right ^ mixed(left, key, round));
  return std::uint64_t{left} << 32 | right;
}

kind kind_of(const end_of_hits& at) {
  if (at.order == search_order::relevance)
    return kind::relevance;
  return at.asked == search_order::relevance ? kind::newest_instead : kind::newest;
}

failure no_cursor() { return {error_code::bad_request, "cursor is not one of this search's", {}}; }

/// A number of the cursor, below `bound`, taken off its text.
result<std::uint64_t> take_number(std::string_view& text, std::uint64_t key, std::uint64_t bound) {
  std::uint64_t hidden = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hidden);
  if (error != std::errc{})
    return no_cursor();
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const std::uint64_t plain = show(hidden, key);
  if (plain >= bound)
    return no_cursor();
  return plain;
}

} // namespace

std::string to_cursor(const end_of_hits& at, std::uint64_t key) {
  const kind which = kind_of(at);
  const std::int64_t row = which == kind::relevance ? at.before : at.row;
  std::string text = std::to_string(
      hide(static_cast<std::uint64_t>(which) << row_bits | static_cast<std::uint64_t>(row), key));
  if (which == kind::relevance)
    text += '-' + std::to_string(hide(at.place << row_bits | static_cast<std::uint64_t>(at.row),
                                      key + of_second));
  return text;
}

result<end_of_hits> read_cursor(std::string_view text, search_order asked, std::uint64_t key) {
  const auto first = take_number(text, key, static_cast<std::uint64_t>(kind::end) << row_bits);
  if (!first)
    return first.error();
  const auto which = static_cast<kind>(*first >> row_bits);
  const auto row = static_cast<std::int64_t>(*first & all_rows);
  end_of_hits at{which == kind::newest ? search_order::newest : search_order::relevance};
  if (at.asked != asked)
    return no_cursor();
  if (which != kind::relevance) {
    at.row = row;
  } else if (text.starts_with('-')) {
    text.remove_prefix(1);
    const auto second =
        take_number(text, key + of_second, std::uint64_t{1} << (row_bits + place_bits));
    if (!second)
      return second.error();
    at.order = search_order::relevance;
    at.before = row;
    at.row = static_cast<std::int64_t>(*second & all_rows);
    at.place = static_cast<std::size_t>(*second >> row_bits);
    if (at.place == 0) // a page that has none passed has no cursor
      return no_cursor();
  } else {
    return no_cursor();
  }
  return text.empty() ? result<end_of_hits>{at} : no_cursor();
}

} // namespace parley
