// Where a page of hits ended, in a form that says nothing to who holds it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/commands.hpp"
#include "actors/errors.hpp"

namespace parley {

/// A place to go on from.
struct end_of_hits {
  search_order asked = search_order::newest;
  search_order order = search_order::newest; ///< That they were in.
  std::int64_t row = 0;                      ///< Of the last message, a hit or not.
  std::int64_t before = 0;                   ///< By relevance: only rows before it were compared.
  std::size_t place = 0;                     ///< By relevance: how many were passed.
  friend bool operator==(const end_of_hits&, const end_of_hits&) = default;
};

/// Good for who has the same key.
std::string to_cursor(const end_of_hits& at, std::uint64_t key);

/// `bad_request` for one of another order, or one that was made up: that gets through by a chance
/// of one in hundreds of thousands, and is some place then.
result<end_of_hits> read_cursor(std::string_view text, search_order asked, std::uint64_t key);

} // namespace parley
