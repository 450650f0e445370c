// Asks FTS5 for the words and what the index knows of a message; the caller decides on the rest.
#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_set>
#include <utility>

#include "actors/limits.hpp"
#include "persistence/checksum.hpp"
#include "persistence/search/index_file.hpp"
#include "persistence/search/search_index.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t no_row = std::numeric_limits<std::int64_t>::max();
/// The newest matches that are compared when the best ones are wanted.
constexpr std::size_t most_compared = 2000;

// --- Cursors -------------------------------------------------------------------------------------

// A row's number, or a place among the best, behind a Feistel network over the store's key: so that
// nobody who has one knows how many messages the server has. `relevance` has a bit of its own.

constexpr std::uint64_t of_relevance = std::uint64_t{1} << 42;

std::uint32_t mixed(std::uint32_t half, std::uint64_t key, unsigned round) {
  std::string bytes;
  append_big_endian(bytes, half);
  return static_cast<std::uint32_t>(checksum_of(bytes, key + round));
}

constexpr unsigned rounds = 6;

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

std::string to_cursor(std::int64_t value, search_order order, std::uint64_t key) {
  const std::uint64_t plain =
      static_cast<std::uint64_t>(value) | (order == search_order::relevance ? of_relevance : 0);
  return std::to_string(hide(plain, key));
}

failure no_cursor() { return {error_code::bad_request, "cursor is not one of this search's", {}}; }

/// Whoever makes one up gets through by a chance of one in millions.
result<std::int64_t> read_cursor(std::string_view text, search_order order, std::uint64_t key) {
  std::uint64_t hidden = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hidden);
  if (error != std::errc{} || end != text.data() + text.size())
    return no_cursor();
  const std::uint64_t plain = show(hidden, key);
  if (plain >= 2 * of_relevance || (plain >= of_relevance) != (order == search_order::relevance))
    return no_cursor();
  return static_cast<std::int64_t>(plain & (of_relevance - 1));
}

// --- The question as FTS5 takes it ---------------------------------------------------------------

/// Terms hold no quotes.
void append_phrase(std::string& to, const search_phrase& phrase) {
  for (std::size_t i = 0; i < phrase.terms.size(); ++i)
    (((to += i == 0 ? "" : " + ") += '"') += phrase.terms[i]) += '"';
  if (phrase.is_prefix)
    to += '*';
}

std::string match_of(const search_terms& terms, const std::vector<std::string>& scopes) {
  std::string match;
  const auto also = [&match](const char* column) -> std::string& {
    return (match += match.empty() ? "" : " AND ") += column;
  };
  for (const auto& each : terms.with)
    append_phrase(also("body : "), each);
  for (const auto& each : scopes)
    also("scope : ") += each;
  if (terms.without.empty())
    return match;
  match = "(" + match + ") NOT (";
  for (std::size_t i = 0; i < terms.without.size(); ++i)
    append_phrase(match += i == 0 ? "body : " : " OR body : ", terms.without[i]);
  return match + ")";
}

bool is_in_time(const search_terms& terms, std::int64_t at) {
  return (!terms.since || at >= to_wire(*terms.since)) &&
         (!terms.until || at < to_wire(*terms.until));
}

} // namespace

/// Which messages FTS5 is asked for.
struct search_reader::scope {
  std::string match;
  std::unordered_set<std::int64_t> among; ///< Of these conversations only.
  bool empty = false;                     ///< Nothing can be found.
};

/// Rows that can be within the time that is asked for.
struct search_reader::bounds {
  std::int64_t first = 0;
  std::int64_t end = no_row;
};

result<std::unique_ptr<search_reader>> search_reader::open(const std::filesystem::path& directory,
                                                           std::uint64_t cursor_key) {
  std::unique_ptr<search_reader> made{new search_reader};
  auto opened = sqlite_connection::open(index_file(directory), sqlite_connection::mode::read);
  if (!opened)
    return opened.error();
  made->file_ = std::move(*opened);
  auto prepared = made->file_->prepare_all({
      {made->position_, "SELECT value FROM meta WHERE name = 'position'"},
      {made->conversation_, "SELECT id FROM conversations WHERE name = ?"},
      {made->user_, "SELECT id FROM users WHERE name = ?"},
      {made->first_of_day_, "SELECT coalesce(min(first), -1) FROM days WHERE day >= ?"},
      {made->last_of_day_, "SELECT coalesce(max(last), -1) FROM days WHERE day <= ?"},
      {made->newest_, "SELECT m.row, m.conversation, m.at FROM words CROSS JOIN messages m ON "
                      "m.row = words.rowid"
                      " WHERE words MATCH ? AND words.rowid >= ? AND words.rowid < ?"
                      " ORDER BY words.rowid DESC"},
      {made->scored_, "SELECT m.row, m.conversation, m.at, bm25(words, 1.0, 0.0)"
                      " FROM words CROSS JOIN messages m ON m.row = words.rowid"
                      " WHERE words MATCH ? AND words.rowid >= ? AND words.rowid < ?"
                      " ORDER BY words.rowid DESC"},
      {made->message_, "SELECT c.name, m.seq, u.name, m.at, m.body FROM messages m"
                       " JOIN conversations c ON c.id = m.conversation"
                       " JOIN users u ON u.id = m.sender WHERE m.row = ?"},
  });
  if (!prepared)
    return prepared.error();
  made->key_ = cursor_key;
  return made;
}

result<search_reader::scope> search_reader::read_scope(const index_question& asked) {
  scope within;
  std::vector<std::string> needed;
  std::string any_of;
  for (const auto& each : asked.among) {
    auto id = conversation_.rewind().bind(each.str()).number();
    if (!id)
      return id.error();
    if (*id == 0)
      continue; // nothing was ever said there
    within.among.insert(*id);
    (any_of += any_of.empty() ? "\"" : " OR \"") += facet::conversation(*id) + '"';
  }
  within.empty = within.among.empty();
  if (within.among.size() <= limits::search_conversations)
    needed.push_back("(" + any_of + ")");
  if (asked.terms->from) {
    auto id = user_.rewind().bind(asked.terms->from->str()).number();
    if (!id)
      return id.error();
    within.empty = within.empty || *id == 0;
    needed.push_back('"' + facet::sender(*id) + '"');
  }
  if (asked.terms->has_link)
    needed.push_back('"' + facet::link + '"');
  if (asked.terms->has_file)
    needed.push_back('"' + facet::file + '"');
  if (asked.terms->with.empty() && needed.empty())
    needed.push_back('"' + facet::any + '"');
  within.match = match_of(*asked.terms, needed);
  return within;
}

// Clocks go back now and then: which rows a day has was noted, message by message.
result<search_reader::bounds> search_reader::read_bounds(const index_question& asked) {
  bounds rows;
  if (asked.terms->since) {
    auto first = first_of_day_.rewind().bind(day_of(*asked.terms->since)).number();
    if (!first)
      return first.error();
    rows.first = *first < 0 ? no_row : *first;
  }
  if (asked.terms->until) {
    auto last = last_of_day_.rewind().bind(day_of(*asked.terms->until)).number();
    if (!last)
      return last.error();
    rows.end = *last + 1;
  }
  return rows;
}

result<found_messages> search_reader::find(const index_question& asked, const accepts& accept) {
  if (auto begun = file_->run("BEGIN"); !begun)
    return begun.error();
  auto found = find_in_view(asked, accept);
  newest_.rewind(); // what is not stepped to its end keeps its view of the file
  scored_.rewind();
  if (auto ended = file_->run("COMMIT"); !ended && found)
    return ended.error();
  return found;
}

result<found_messages> search_reader::find_in_view(const index_question& asked,
                                                   const accepts& accept) {
  auto at = position_.rewind().number();
  if (!at)
    return noted(at.error());
  if (static_cast<std::uint64_t>(*at) < asked.at_least.value())
    return failure{error_code::overloaded, "the search index is behind; try again later", 1s};
  auto within = read_scope(asked);
  if (!within)
    return noted(within.error());
  auto rows = read_bounds(asked);
  if (!rows)
    return noted(rows.error());
  if (within->empty)
    return found_messages{};
  // Without words there is nothing to compare; and where others' matches are passed over, comparing
  // ends anywhere.
  const bool by_time = asked.order == search_order::newest || asked.terms->with.empty() ||
                       within->among.size() > limits::search_conversations;
  return by_time ? find_newest(asked, *within, *rows, accept)
                 : find_best(asked, *within, *rows, accept);
}

/// What a statement of ours says, not the model, is about the file.
failure search_reader::noted(failure why) {
  is_damaged_ = is_damaged_ || why.code == error_code::internal;
  return why;
}

result<std::optional<searchable_message>> search_reader::read_message(std::int64_t row) {
  auto there = message_.rewind().bind(row).step();
  if (!there)
    return there.error();
  std::optional<searchable_message> message;
  if (*there)
    message = searchable_message{conversation_id{std::string(message_.text_at(0))},
                                 sequence{static_cast<std::uint64_t>(message_.number_at(1))},
                                 user_id{std::string(message_.text_at(2))},
                                 timestamp{std::chrono::milliseconds{message_.number_at(3)}},
                                 std::string(message_.text_at(4))};
  message_.rewind();
  return message;
}

result<found_messages> search_reader::find_newest(const index_question& asked, const scope& within,
                                                  const bounds& rows, const accepts& accept) {
  std::int64_t end = rows.end;
  if (asked.cursor) {
    const auto behind = read_cursor(*asked.cursor, search_order::newest, key_);
    if (!behind)
      return behind.error();
    end = std::min(end, *behind);
  }
  found_messages found;
  newest_.rewind().bind(within.match).bind(rows.first).bind(end);
  std::int64_t row = 0;
  for (std::size_t steps = 0;; ++steps) {
    auto more = newest_.step();
    if (!more)
      return noted(more.error());
    if (!*more)
      return found;
    if (found.items.size() == asked.limit || steps == limits::search_steps)
      break;
    row = newest_.number_at(0);
    if (!within.among.contains(newest_.number_at(1)) ||
        !is_in_time(*asked.terms, newest_.number_at(2)))
      continue;
    auto taken = take(row, accept, found);
    if (!taken)
      return taken.error();
  }
  found.cursor = to_cursor(row, search_order::newest, key_);
  return found;
}

outcome search_reader::take(std::int64_t row, const accepts& accept, found_messages& into) {
  auto message = read_message(row);
  if (!message)
    return noted(message.error());
  if (!*message)
    return success();
  auto wanted = accept(**message);
  if (!wanted)
    return wanted.error();
  if (*wanted)
    into.items.push_back(std::move(**message));
  return success();
}

// The best of the newest matches; the cursor is the place in that list.
result<found_messages> search_reader::find_best(const index_question& asked, const scope& within,
                                                const bounds& rows, const accepts& accept) {
  std::int64_t skipped = 0;
  if (asked.cursor) {
    const auto place = read_cursor(*asked.cursor, search_order::relevance, key_);
    if (!place)
      return place.error();
    skipped = *place;
  }
  std::vector<std::pair<double, std::int64_t>> ranked; // the smaller the better, then the newer
  scored_.rewind().bind(within.match).bind(rows.first).bind(rows.end);
  for (std::size_t steps = 0; ranked.size() < most_compared && steps < limits::search_steps;
       ++steps) {
    auto more = scored_.step();
    if (!more)
      return noted(more.error());
    if (!*more)
      break;
    if (within.among.contains(scored_.number_at(1)) &&
        is_in_time(*asked.terms, scored_.number_at(2)))
      ranked.emplace_back(scored_.real_at(3), -scored_.number_at(0));
  }
  std::sort(ranked.begin(), ranked.end());
  found_messages found;
  found.order = search_order::relevance;
  auto at = static_cast<std::size_t>(skipped);
  for (; at < ranked.size() && found.items.size() < asked.limit; ++at)
    if (auto taken = take(-ranked[at].second, accept, found); !taken)
      return taken.error();
  if (at < ranked.size())
    found.cursor = to_cursor(static_cast<std::int64_t>(at), search_order::relevance, key_);
  return found;
}

} // namespace parley
