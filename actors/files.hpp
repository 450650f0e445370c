// Files that users attach to messages: what is known of one, and what it may still be used for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/digest.hpp"
#include "actors/ids.hpp"
#include "actors/time.hpp"

namespace parley {

/// What everyone who may read it is told of a file.
struct file_facts {
  file_id file;
  std::string name; ///< Empty when it has none.
  std::string type; ///< A media type without parameters, in lower case.
  std::uint64_t size = 0;
  digest sha256{};
  friend bool operator==(const file_facts&, const file_facts&) = default;
};

/// A file as the store has it.
struct stored_file {
  file_facts what;
  user_id by; ///< Who uploaded it.
  timestamp at{};
  std::uint64_t uses = 0; ///< Messages that it is in.
  bool sent = false;      ///< It was in one at some time.
  timestamp goes_at{};    ///< Meaningful while it is in none.
  friend bool operator==(const stored_file&, const stored_file&) = default;
};

/// Files that are to go by now, and when the next one is.
struct unused_files {
  std::vector<file_id> items;
  std::optional<timestamp> next;
};

/// What a user has uploaded and not sent yet.
struct unsent_files {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

/// Whether this is spelled like an id: 32 hexadecimal digits in lower case.
bool is_file_id(std::string_view text) noexcept;

/// Whether a user may put a file into a message now: their own, young enough, and not about to go.
bool may_be_sent(const stored_file& file, const user_id& by, timestamp now) noexcept;

/// A media type (RFC 9110, section 8.3.1) without its parameters, in lower case; nothing when it is
/// malformed.
std::optional<std::string> media_type_of(std::string_view text);

/// Whether a list of media types, such as `image/*` or `application/pdf`, has this one; an empty
/// list has all.
bool is_type_among(std::string_view type, const std::vector<std::string>& list) noexcept;
/// Whether a text may stand in such a list.
bool is_type_pattern(std::string_view text);

} // namespace parley
