// Splits a query at its spaces, but not within quotes, and sorts what it finds.
#include "persistence/search/search_terms.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string_view>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

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

/// Bytes of the space that a text begins with: also those of other scripts, and those that do not
/// break.
std::size_t space_in(std::string_view text) {
  UChar32 character = 0;
  std::size_t length = 0;
  if (text.empty())
    return 0;
  U8_NEXT(text.data(), length, text.size(), character);
  return character >= 0 && u_isUWhiteSpace(character) != 0 ? length : 0;
}

/// Likewise of a quotation mark: keyboards make “these” of "these".
std::size_t quote_in(std::string_view text) {
  if (text.starts_with('"'))
    return 1;
  for (const std::string_view curly : {"“", "”", "„"})
    if (text.starts_with(curly))
      return curly.size();
  return 0;
}

char in_lower_case(char each) {
  return static_cast<char>(each >= 'A' && each <= 'Z' ? each + ('a' - 'A') : each);
}

/// `name` is in lower case.
bool begins_with_name(std::string_view text, std::string_view name) {
  return text.size() >= name.size() &&
         std::equal(name.begin(), name.end(), text.begin(),
                    [](char one, char other) { return one == in_lower_case(other); });
}

class pieces {
public:
  explicit pieces(std::string_view rest) : rest_(rest) {}

  bool next(piece& into) {
    while (const std::size_t space = space_in(rest_))
      rest_.remove_prefix(space);
    if (rest_.empty())
      return false;
    into = {};
    if (rest_.size() > 1 && rest_.front() == '-' && space_in(rest_.substr(1)) == 0) {
      into.excluded = true;
      rest_.remove_prefix(1);
    }
    into.name = take_name();
    into.quoted = quote_in(rest_) > 0;
    into.text = into.quoted ? take_quoted() : take_plain();
    return true;
  }

private:
  /// Only what is a filter's name is taken for one.
  std::string_view take_name() {
    for (const std::string_view name : {"from", "in", "before", "after", "has", "is"})
      if (rest_.size() > name.size() && begins_with_name(rest_, name) &&
          rest_[name.size()] == ':') {
        rest_.remove_prefix(name.size() + 1);
        return name;
      }
    return {};
  }

  /// A quote that is not closed goes to the end.
  std::string_view take_quoted() {
    rest_.remove_prefix(quote_in(rest_));
    std::size_t end = 0;
    while (end < rest_.size() && quote_in(rest_.substr(end)) == 0)
      ++end;
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    rest_.remove_prefix(quote_in(rest_));
    return text;
  }

  std::string_view take_plain() {
    std::size_t end = 0;
    while (end < rest_.size() && space_in(rest_.substr(end)) == 0 &&
           quote_in(rest_.substr(end)) == 0)
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

/// What is behind a point: the first three digits count.
bool take_fraction(std::string_view& rest, std::chrono::milliseconds& into) {
  std::size_t digits = 0;
  int count = 0;
  for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits)
    if (digits < 3)
      count = count * 10 + (rest[digits] - '0');
  if (digits == 0)
    return false;
  for (std::size_t i = digits; i < 3; ++i)
    count *= 10;
  rest.remove_prefix(digits);
  into = std::chrono::milliseconds{count};
  return true;
}

/// hh:mm, hh:mm:ss or hh:mm:ss.sss, and a `Z` that changes nothing.
bool take_time(std::string_view& rest, std::chrono::milliseconds& into) {
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  std::chrono::milliseconds fraction{0};
  if (!take_number(rest, 2, hours) || !take_mark(rest, ':') || !take_number(rest, 2, minutes))
    return false;
  if (take_mark(rest, ':')) {
    if (!take_number(rest, 2, seconds))
      return false;
    if (take_mark(rest, '.') && !take_fraction(rest, fraction))
      return false;
  }
  if (!take_mark(rest, 'Z'))
    take_mark(rest, 'z');
  if (hours > 23 || minutes > 59 || seconds > 59)
    return false;
  into = std::chrono::hours{hours} + std::chrono::minutes{minutes} + std::chrono::seconds{seconds} +
         fraction;
  return true;
}

/// RFC 3339, as far as a day or a millisecond of UTC goes.
std::optional<timestamp> read_moment(std::string_view text) {
  std::chrono::sys_days day;
  std::chrono::milliseconds time{0};
  if (!take_day(text, day))
    return {};
  if ((take_mark(text, 'T') || take_mark(text, 't')) && !take_time(text, time))
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

/// What `has:` or `is:` asks for; nullptr when it is nothing that can be.
bool* flag_of(const piece& from, search_terms& into) {
  struct flag {
    std::string_view name, text;
    bool search_terms::*wanted;
  };
  for (const auto& each : {flag{"has", "link", &search_terms::has_link},
                           {"has", "file", &search_terms::has_file},
                           {"has", "reaction", &search_terms::has_reaction},
                           {"is", "unread", &search_terms::is_unread},
                           {"is", "pinned", &search_terms::is_pinned}})
    if (from.name == each.name && from.text.size() == each.text.size() &&
        begins_with_name(from.text, each.text))
      return &(into.*each.wanted);
  return nullptr;
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
  } else if (bool* wanted = flag_of(from, into)) {
    *wanted = true;
  } else {
    return bad_query("cannot look for " + std::string{from.name} + ":" + text);
  }
  return success();
}

/// What begins with a single letter; where characters are words by themselves, and take three
/// bytes, nothing else begins so.
bool begins_with_a_letter(const search_phrase& phrase) {
  constexpr auto characters_of_words = 0x800; // Latin, Greek, Cyrillic, Hebrew, Arabic are below it
  const std::string& last = phrase.terms.back();
  UChar32 character = 0;
  std::size_t length = 0;
  U8_NEXT(last.data(), length, last.size(), character);
  return phrase.is_prefix && length == last.size() && character < characters_of_words;
}

/// Of that there is too much.
bool is_too_short(const search_phrase& phrase) {
  return phrase.terms.size() == 1 && begins_with_a_letter(phrase);
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

/// Words that a letter counts as that others may follow, behind another word: two are too many.
constexpr std::size_t terms_of_a_letter = 20;

std::size_t count_of_last(const search_phrase& phrase) {
  if (!phrase.is_prefix)
    return 1;
  return begins_with_a_letter(phrase) ? terms_of_a_letter : limits::terms_of_a_prefix;
}

/// Each word counts as one, and a prefix as several: the index merges the lists of all that begin
/// so.
std::size_t count_terms(const search_terms& what) {
  std::size_t count = 0;
  for (const auto* phrases : {&what.with, &what.without})
    for (const auto& each : *phrases)
      count += each.terms.size() - 1 + count_of_last(each);
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
