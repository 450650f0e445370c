// Who may sign in: user ids and their tokens.
#pragma once

#include <string>
#include <vector>

namespace parley::bench {

struct Account {
  std::string user;
  std::string token;
};

/// The first `users` accounts of two files with one id and one token a line.
std::vector<Account> read_accounts(const std::string& users_file, const std::string& tokens_file,
                                   std::size_t users);

/// Writes ids for so many users, one a line.
void write_user_ids(const std::string& path, std::size_t users);

} // namespace parley::bench
