// What a search asks for: the query's words and filters, taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/commands.hpp"
#include "actors/errors.hpp"
#include "actors/time.hpp"

namespace parley {

/// Words that must follow one another; of the last one only the beginning is known when
/// `is_prefix`.
struct search_phrase {
  std::vector<std::string> terms; ///< Folded as `words_of` does; at least one.
  bool is_prefix = false;
  friend bool operator==(const search_phrase&, const search_phrase&) = default;
};

/// All of it must be so.
struct search_terms {
  std::vector<search_phrase> with;
  std::vector<search_phrase> without;
  std::optional<user_id> from;
  std::optional<conversation_id> in;
  std::optional<timestamp> since; ///< The earliest that counts.
  std::optional<timestamp> until; ///< The first that counts no more.
  bool has_link = false;
  bool has_reaction = false;
  bool has_file = false;
  bool is_unread = false;
  bool is_pinned = false;
};

/// Words, "phrases", prefix*, -without, from:, in:, before:, after:, has:file|link|reaction,
/// is:pinned|unread; `before:` and `after:` take 2026-11-29 or 2026-11-29T10:15:00Z (UTC). What
/// looks like a filter and is none is words. `bad_request` when nothing is asked for or a filter's
/// value cannot be read; `too_large` for more than limits::search_terms words.
result<search_terms> read_terms(const search_messages& what);

/// Whether a text has something that looks like an address on the web.
bool has_link(std::string_view text);

} // namespace parley
