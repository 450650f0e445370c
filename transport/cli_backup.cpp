// Knows which of the server's files belong to a copy; the store knows the rest.
#include "transport/cli_backup.hpp"

#include <iostream>

#include "persistence/backup.hpp"
#include "transport/cli_token.hpp"

namespace parley {

int back_up_store(const backup_options& what) {
  // Tokens stay good: a copy is as confidential as its original with or without their key.
  const auto made = back_up({what.data, what.to, {token_key_file, external_tokens_file}});
  if (!made) {
    std::cerr << "parleyd: no backup was made: " << made.error().message << '\n';
    return 1;
  }
  std::cout << "backed up " << what.data << " to " << what.to << ": position " << made->head.value()
            << ", epoch " << made->epoch << ", model of " << made->bytes << " bytes\n";
  return std::cout.flush() ? 0 : 1;
}

} // namespace parley
