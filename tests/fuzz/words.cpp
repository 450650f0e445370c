// What people write and search for.
#include "persistence/search/words.hpp"

#include <string>

#include "actors/limits.hpp"
#include "actors/plain_text.hpp"
#include "actors/quiet_hours.hpp"
#include "actors/utf8.hpp"
#include "persistence/search/search_terms.hpp"
#include "persistence/search/snippet.hpp"
#include "tests/fuzz/decoders.hpp"

namespace parley::fuzz {

namespace {

void look_at_words(std::string_view text) {
  std::size_t begin = 0;
  for (const auto& each : words_of(text)) {
    promise(each.begin < each.end && each.end <= text.size(), "a word lies in its text");
    promise(each.begin >= begin, "words come in the order of their text");
    promise(!each.term.empty() && is_utf8(each.term), "a term is text");
    begin = each.begin;
  }
}

void look_for(std::string_view query, std::string_view text) {
  search_messages asked;
  asked.query = query;
  const auto terms = read_terms(asked);
  if (!terms)
    return;
  const snippet shown = snippet_of(text, terms->with);
  promise(is_utf8(shown.text), "a snippet is text");
  std::size_t end = 0;
  for (const auto& [start, size] : shown.marks) {
    promise(start >= end && size > 0, "marks rise and lie apart");
    promise(start + size <= shown.text.size(), "a mark lies in its snippet");
    end = start + size;
  }
}

} // namespace

// The query, a line feed, and the text in which it is looked for.
void read_words(std::string_view bytes) {
  (void)parse_quiet_span(bytes);
  if (!is_utf8(bytes))
    return;
  look_at_words(bytes);
  (void)has_link(bytes);
  (void)has_deceiving_marks(bytes);
  const std::string_view query = bytes.substr(0, bytes.find('\n'));
  std::string plain;
  if (query.size() > limits::query_bytes || !take_plain_text(bytes.substr(query.size()), plain))
    return;
  std::string again;
  promise(take_plain_text(plain, again) && again == plain, "a text that is in its form stays so");
  look_for(query, plain);
}

} // namespace parley::fuzz
