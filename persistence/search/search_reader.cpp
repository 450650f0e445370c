// Asks FTS5 for the words and what the index knows of a message; the caller decides on the rest.
#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <utility>

#include "actors/limits.hpp"
#include "persistence/search/index_file.hpp"
#include "persistence/search/score_function.hpp"
#include "persistence/search/search_cursor.hpp"
#include "persistence/search/search_index.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t no_row = std::numeric_limits<std::int64_t>::max();
/// The newest matches that are compared when the best ones are wanted.
constexpr std::size_t most_compared = 2000;
/// Messages that are looked at to find them: each costs more than one that is only listed.
constexpr std::size_t most_looked_at = limits::search_steps / 2;
/// How many of the newest messages with a word tell how rare it is.
constexpr std::size_t most_counted = 1000;
/// What begins with some letters counts as a word that is in so many messages.
constexpr double share_of_prefix = 0.1;

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

/// By how many messages have it: what is in most of them hardly counts.
double weight_of(double share) { return std::log(1 + (1 - share) / share); }

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
  if (auto added = add_score_function(*made->file_); !added)
    return added.error();
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
      {made->scored_, "SELECT m.row, m.conversation, m.at, score(words, ?4)"
                      " FROM words CROSS JOIN messages m ON m.row = words.rowid"
                      " WHERE words MATCH ?1 AND words.rowid >= ?2 AND words.rowid < ?3"
                      " ORDER BY words.rowid DESC"},
      {made->newest_row_, "SELECT max(row) FROM messages"},
      {made->with_word_, "SELECT rowid FROM words WHERE words MATCH ? AND rowid < ?"
                         " ORDER BY rowid DESC"},
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
  with_word_.rewind();
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
  std::optional<end_of_hits> behind;
  if (asked.cursor) {
    auto read = read_cursor(*asked.cursor, asked.order, key_);
    if (!read)
      return read.error();
    behind = *read;
  }
  // Without words there is nothing to compare.
  const bool by_time = asked.order == search_order::newest || asked.terms->with.empty() ||
                       (behind && behind->order == search_order::newest);
  if (by_time)
    return find_newest(asked, *within, *rows, behind ? behind->row : no_row, accept);
  return find_best(asked, *within, *rows, behind, accept);
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
                                                  const bounds& rows, std::int64_t before,
                                                  const accepts& accept) {
  found_messages found;
  newest_.rewind().bind(within.match).bind(rows.first).bind(std::min(rows.end, before));
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
  found.cursor = to_cursor({asked.order, search_order::newest, row}, key_);
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

/// How rare each phrase is, as far as the newest messages with it tell.
result<std::string> search_reader::read_weights(const search_terms& terms, std::int64_t before) {
  std::string weights;
  for (const auto& each : terms.with) {
    double share = share_of_prefix;
    if (!each.is_prefix) {
      auto counted = share_of(each, before);
      if (!counted)
        return counted.error();
      share = *counted;
    }
    const double weight = weight_of(share);
    weights.append(reinterpret_cast<const char*>(&weight), sizeof weight);
  }
  return weights;
}

result<double> search_reader::share_of(const search_phrase& phrase, std::int64_t before) {
  std::string match = "body : ";
  append_phrase(match, phrase);
  std::int64_t row = before;
  std::size_t count = 0;
  with_word_.rewind().bind(match).bind(before);
  bool more = true;
  while (count < most_counted && more) {
    auto stepped = with_word_.step();
    if (!stepped)
      return stepped.error();
    more = *stepped;
    if (more) {
      row = with_word_.number_at(0);
      ++count;
    }
  }
  with_word_.rewind();
  const auto among = static_cast<double>(more ? before - row : before);
  return (static_cast<double>(count) + 0.5) / (among + 1);
}

/// The newest matches; the best come first.
struct search_reader::ranking {
  std::vector<std::pair<double, std::int64_t>> hits; ///< The smaller the better, then the newer.
  bool is_complete = false;                          ///< No more than may be looked at had to be.
};

result<search_reader::ranking> search_reader::rank(const index_question& asked, const scope& within,
                                                   const bounds& rows, std::int64_t before) {
  auto weights = read_weights(*asked.terms, before);
  if (!weights)
    return weights.error();
  ranking made;
  scored_.rewind().bind(within.match).bind(rows.first).bind(std::min(rows.end, before));
  scored_.bind_bytes(*weights);
  for (std::size_t steps = 0;; ++steps) {
    auto more = scored_.step();
    if (!more)
      return more.error();
    made.is_complete = !*more || made.hits.size() == most_compared;
    if (made.is_complete || steps == most_looked_at)
      break;
    if (within.among.contains(scored_.number_at(1)) &&
        is_in_time(*asked.terms, scored_.number_at(2)))
      made.hits.emplace_back(scored_.real_at(3), -scored_.number_at(0));
  }
  scored_.rewind();
  std::sort(made.hits.begin(), made.hits.end());
  return made;
}

// What comes later is compared with nothing: so the places of what is there stay, but where
// something was deleted or edited since. Then the last hit tells where to go on.
result<found_messages> search_reader::find_best(const index_question& asked, const scope& within,
                                                const bounds& rows,
                                                const std::optional<end_of_hits>& behind,
                                                const accepts& accept) {
  auto newest = newest_row_.rewind().number();
  if (!newest)
    return noted(newest.error());
  const std::int64_t before = behind ? std::min(behind->before, *newest + 1) : *newest + 1;
  auto ranked = rank(asked, within, rows, before);
  if (!ranked)
    return noted(ranked.error());
  // Most matches are others': there may be better ones than those that were reached.
  if (!ranked->is_complete && !behind && within.among.size() > limits::search_conversations)
    return find_newest(asked, within, rows, before, accept);
  const auto& hits = ranked->hits;
  std::size_t at = 0;
  if (behind) {
    const auto last = std::find_if(hits.begin(), hits.end(),
                                   [&](const auto& each) { return -each.second == behind->row; });
    at = last == hits.end() ? behind->place - 1 : static_cast<std::size_t>(last - hits.begin()) + 1;
  }
  found_messages found;
  found.order = search_order::relevance;
  std::int64_t row = 0;
  for (; at < hits.size() && found.items.size() < asked.limit; ++at) {
    row = -hits[at].second;
    if (auto taken = take(row, accept, found); !taken)
      return taken.error();
  }
  if (at < hits.size())
    found.cursor = to_cursor({asked.order, search_order::relevance, row, before, at}, key_);
  return found;
}

} // namespace parley
