// Finds the phrases among the text's words, then counts characters.
#include "persistence/search/snippet.hpp"

#include <algorithm>
#include <span>

#include "actors/limits.hpp"
#include "persistence/search/words.hpp"

namespace parley {

namespace {

struct byte_range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

bool begins_with(std::span<const word> words, const search_phrase& phrase) {
  const std::size_t count = phrase.terms.size();
  if (words.size() < count)
    return false;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_start = phrase.is_prefix && i + 1 == count;
    if (is_start ? !words[i].term.starts_with(phrase.terms[i]) : words[i].term != phrase.terms[i])
      return false;
  }
  return true;
}

/// Rising; what touches is one.
std::vector<byte_range> merged(std::vector<byte_range> all) {
  std::sort(all.begin(), all.end(),
            [](const byte_range& a, const byte_range& b) { return a.begin < b.begin; });
  std::vector<byte_range> apart;
  for (const auto& each : all) {
    if (!apart.empty() && each.begin <= apart.back().end)
      apart.back().end = std::max(apart.back().end, each.end);
    else
      apart.push_back(each);
  }
  return apart;
}

std::vector<byte_range> places_of(std::span<const word> words,
                                  const std::vector<search_phrase>& phrases) {
  std::vector<byte_range> found;
  for (std::size_t i = 0; i < words.size(); ++i)
    for (const auto& each : phrases)
      if (begins_with(words.subspan(i), each))
        found.push_back({words[i].begin, words[i + each.terms.size() - 1].end});
  return merged(std::move(found));
}

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// So many characters before `at`, or fewer at the beginning.
std::size_t back(std::string_view text, std::size_t at, std::size_t characters) {
  for (; at > 0 && characters > 0; --characters)
    do
      --at;
    while (at > 0 && !begins_character(text[at]));
  return at;
}

std::size_t forth(std::string_view text, std::size_t at, std::size_t characters) {
  for (; at < text.size() && characters > 0; --characters)
    do
      ++at;
    while (at < text.size() && !begins_character(text[at]));
  return at;
}

/// The first word that begins in the window, unless none does before `first`.
std::size_t to_word(std::span<const word> words, std::size_t begin, std::size_t first) {
  for (const auto& each : words)
    if (each.begin >= begin)
      return std::min(each.begin, first);
  return begin;
}

} // namespace

snippet snippet_of(std::string_view text, const std::vector<search_phrase>& phrases) {
  constexpr std::string_view ellipsis = "…";
  const auto words = words_of(text);
  const auto places = places_of(words, phrases);
  byte_range window{0, text.size()};
  if (count_characters(text) > limits::snippet_characters) {
    const std::size_t first = places.empty() ? 0 : places.front().begin;
    const std::size_t begin = back(text, first, limits::snippet_characters / 4);
    window.begin = begin == 0 ? 0 : to_word(words, begin, first);
    window.end = forth(text, window.begin, limits::snippet_characters);
  }
  snippet made;
  if (window.begin > 0)
    made.text += ellipsis;
  const std::size_t shift = window.begin > 0 ? 1 : 0;
  made.text += text.substr(window.begin, window.end - window.begin);
  if (window.end < text.size())
    made.text += ellipsis;
  for (const auto& each : places) {
    const std::size_t begin = std::max(each.begin, window.begin);
    const std::size_t end = std::min(each.end, window.end);
    if (begin >= end)
      continue;
    made.marks.emplace_back(shift +
                                count_characters(text.substr(window.begin, begin - window.begin)),
                            count_characters(text.substr(begin, end - begin)));
  }
  return made;
}

} // namespace parley
