// What clients were given to come back with, and may have changed.
#include "actors/cursor.hpp"

#include <string>

#include "actors/digest.hpp"
#include "actors/file_address.hpp"
#include "persistence/search/search_cursor.hpp"
#include "tests/fuzz/decoders.hpp"

namespace parley::fuzz {

void read_cursor(std::string_view bytes) {
  static const cursor_sealer sealer{std::string(32, 's'), "epoch"};
  static const file_addresses addresses{std::string(32, 's'), "epoch"};
  constexpr std::uint64_t key = 7;
  const user_id alice{"alice"};
  if (const auto at = sealer.open(alice, bytes)) {
    promise(from_base64url(sealer.seal(alice, *at)) == from_base64url(bytes),
            "a cursor that opens was sealed");
    promise(!sealer.open(user_id{"bob"}, bytes), "a cursor is one user's");
  }
  for (const auto order : {search_order::newest, search_order::relevance})
    if (const auto end = parley::read_cursor(bytes, order, key)) {
      const auto again = parley::read_cursor(to_cursor(*end, key), order, key);
      promise(again.ok() && *again == *end, "a cursor of hits comes back");
    }
  (void)addresses.is_good(file_id{"f"}, alice, 1, bytes, timestamp{});
}

} // namespace parley::fuzz
