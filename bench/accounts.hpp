// Who signs in: user ids, their tokens, and where a device was last.
#pragma once

#include <string>
#include <vector>

namespace parley::bench {

struct Account {
  std::string user;
  std::string token;
  std::string device; // empty: a new one each time
  std::string since;  // the cursor to go on from; empty: none
};

/// The first `users` accounts of two files with one id and one token a line.
std::vector<Account> read_accounts(const std::string& users_file, const std::string& tokens_file,
                                   std::size_t users);

/// Writes ids for so many users, one a line.
void write_user_ids(const std::string& path, std::size_t users);

} // namespace parley::bench
