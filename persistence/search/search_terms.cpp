// Splits a query at its spaces, but not within quotes, and sorts what it finds.
#include "persistence/search/search_terms.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>

#include "actors/limits.hpp"
#include "persistence/search/words.hpp"

namespace parley {

namespace {

failure bad_query(std::string why) {
  return {error_code::bad_request, "query " + std::move(why), {}};
}

/// One piece of the query: `-` in front, a name with a colon, then a text that may have been
/// quoted.
struct piece {
  bool excluded = false;
  std::string_view name;
  std::string_view text;
  bool quoted = false;
};

bool is_space(char each) { return each == ' ' || (each >= '\t' && each <= '\r'); }

class pieces {
public:
  explicit pieces(std::string_view rest) : rest_(rest) {}

  bool next(piece& into) {
    while (!rest_.empty() && is_space(rest_.front()))
      rest_.remove_prefix(1);
    if (rest_.empty())
      return false;
    into = {};
    if (rest_.size() > 1 && rest_.front() == '-' && !is_space(rest_[1])) {
      into.excluded = true;
      rest_.remove_prefix(1);
    }
    into.name = take_name();
    into.quoted = !rest_.empty() && rest_.front() == '"';
    into.text = into.quoted ? take_quoted() : take_plain();
    return true;
  }

private:
  /// Only what is a filter's name is taken for one.
  std::string_view take_name() {
    for (const std::string_view name : {"from", "in", "before", "after", "has", "is"})
      if (rest_.size() > name.size() && rest_.starts_with(name) && rest_[name.size()] == ':') {
        rest_.remove_prefix(name.size() + 1);
        return name;
      }
    return {};
  }

  /// A quote that is not closed goes to the end.
  std::string_view take_quoted() {
    rest_.remove_prefix(1);
    const std::size_t end = std::min(rest_.find('"'), rest_.size());
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return text;
  }

  std::string_view take_plain() {
    std::size_t end = 0;
    while (end < rest_.size() && !is_space(rest_[end]) && rest_[end] != '"')
      ++end;
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }

  std::string_view rest_;
};

bool take_number(std::string_view& rest, std::size_t digits, int& into) {
  if (rest.size() < digits || rest.front() == '-')
    return false;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + digits, into);
  if (error != std::errc{} || end != rest.data() + digits)
    return false;
  rest.remove_prefix(digits);
  return true;
}

bool take_mark(std::string_view& rest, char mark) {
  if (!rest.starts_with(mark))
    return false;
  rest.remove_prefix(1);
  return true;
}

bool take_day(std::string_view& rest, std::chrono::sys_days& into) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!take_number(rest, 4, year) || !take_mark(rest, '-') || !take_number(rest, 2, month) ||
      !take_mark(rest, '-') || !take_number(rest, 2, day))
    return false;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok())
    return false;
  into = date;
  return true;
}

/// hh:mm or hh:mm:ss, and a `Z` that changes nothing.
bool take_time(std::string_view& rest, std::chrono::seconds& into) {
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if (!take_number(rest, 2, hours) || !take_mark(rest, ':') || !take_number(rest, 2, minutes))
    return false;
  if (take_mark(rest, ':') && !take_number(rest, 2, seconds))
    return false;
  take_mark(rest, 'Z');
  if (hours > 23 || minutes > 59 || seconds > 59)
    return false;
  into = std::chrono::hours{hours} + std::chrono::minutes{minutes} + std::chrono::seconds{seconds};
  return true;
}

/// RFC 3339, as far as a day or a second of UTC goes.
std::optional<timestamp> read_moment(std::string_view text) {
  std::chrono::sys_days day;
  std::chrono::seconds time{0};
  if (!take_day(text, day))
    return {};
  if (take_mark(text, 'T') && !take_time(text, time))
    return {};
  if (!text.empty())
    return {};
  return timestamp{day + time};
}

/// False when it is another one already.
template <class Id>
bool set_once(std::optional<Id>& into, Id wanted) {
  if (into && *into != wanted)
    return false;
  into = std::move(wanted);
  return true;
}

outcome read_filter(const piece& from, search_terms& into) {
  const std::string text{from.text};
  if (from.excluded)
    return bad_query("cannot exclude " + std::string{from.name} + ":");
  if (from.name == "from" || from.name == "in") {
    if (text.empty() || text.size() > limits::id_bytes)
      return bad_query(std::string{from.name} + ": needs an id of 1 to 128 bytes");
    const bool is_new = from.name == "from" ? set_once(into.from, user_id{text})
                                            : set_once(into.in, conversation_id{text});
    if (!is_new)
      return bad_query("asks for two different " + std::string{from.name} + ":");
  } else if (from.name == "before" || from.name == "after") {
    const auto moment = read_moment(text);
    if (!moment)
      return bad_query(std::string{from.name} + ": needs a day like 2026-11-29, or a time of it");
    if (from.name == "before")
      into.until = std::min(into.until.value_or(*moment), *moment);
    else
      into.since = std::max(into.since.value_or(*moment), *moment);
  } else if (from.name == "has" && text == "link") {
    into.has_link = true;
  } else if (from.name == "has" && text == "file") {
    into.has_file = true;
  } else if (from.name == "has" && text == "reaction") {
    into.has_reaction = true;
  } else if (from.name == "is" && text == "unread") {
    into.is_unread = true;
  } else if (from.name == "is" && text == "pinned") {
    into.is_pinned = true;
  } else {
    return bad_query("cannot look for " + std::string{from.name} + ":" + text);
  }
  return success();
}

/// Of what begins with a single letter of ASCII there is too much.
bool is_too_short(const search_phrase& phrase) {
  return phrase.is_prefix && phrase.terms.size() == 1 && phrase.terms.front().size() == 1;
}

outcome read_words(const piece& from, search_terms& into) {
  search_phrase phrase;
  for (auto& each : words_of(from.text))
    phrase.terms.push_back(std::move(each.term));
  if (phrase.terms.empty())
    return success();
  phrase.is_prefix = !from.quoted && from.text.ends_with('*');
  if (is_too_short(phrase))
    return bad_query("needs two letters before *");
  (from.excluded ? into.without : into.with).push_back(std::move(phrase));
  return success();
}

/// What the command's own fields ask for goes with what the query says.
outcome add_fields(const search_messages& what, search_terms& into) {
  if ((what.conversation && into.in && *into.in != *what.conversation) ||
      (what.from && into.from && *into.from != *what.from))
    return bad_query("asks for something else than the command's fields");
  if (what.conversation)
    into.in = what.conversation;
  if (what.from)
    into.from = what.from;
  if (what.since) {
    const timestamp since{std::chrono::milliseconds{*what.since}};
    into.since = std::max(into.since.value_or(since), since);
  }
  if (what.until) {
    const timestamp until{std::chrono::milliseconds{*what.until + 1}};
    into.until = std::min(into.until.value_or(until), until);
  }
  return success();
}

bool asks_for_anything(const search_terms& what) {
  return !what.with.empty() || what.from || what.in || what.since || what.until || what.has_link ||
         what.has_reaction || what.has_file || what.is_unread || what.is_pinned;
}

/// Each word counts as one, and a prefix as several: the index merges the lists of all that begin
/// so.
std::size_t count_terms(const search_terms& what) {
  std::size_t count = 0;
  for (const auto* phrases : {&what.with, &what.without})
    for (const auto& each : *phrases)
      count += each.terms.size() - 1 + (each.is_prefix ? limits::terms_of_a_prefix : 1);
  return count;
}

} // namespace

result<search_terms> read_terms(const search_messages& what) {
  search_terms asked;
  pieces all{what.query};
  for (piece each; all.next(each);) {
    auto read = each.name.empty() ? read_words(each, asked) : read_filter(each, asked);
    if (!read)
      return read.error();
  }
  if (auto added = add_fields(what, asked); !added)
    return added.error();
  if (!asks_for_anything(asked))
    return bad_query("has nothing to look for");
  if (count_terms(asked) > limits::search_terms)
    return failure{error_code::too_large, "query has too many words", {}};
  return asked;
}

bool has_link(std::string_view text) {
  return text.find("http://") != std::string_view::npos ||
         text.find("https://") != std::string_view::npos;
}

} // namespace parley
