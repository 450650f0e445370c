// Files of ids and tokens, line by line.
#include "bench/accounts.hpp"

#include <fstream>
#include <iomanip>

#include "bench/failure.hpp"
#include "bench/process.hpp"

namespace parley::bench {
namespace {

std::vector<std::string> read_lines(const std::string& path) {
  std::istringstream text(read_file(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);)
    lines.push_back(std::move(line));
  return lines;
}

} // namespace

std::vector<Account> read_accounts(const std::string& users_file, const std::string& tokens_file,
                                   std::size_t users) {
  auto ids = read_lines(users_file);
  auto tokens = read_lines(tokens_file);
  if (ids.size() < users || tokens.size() < users)
    fail("need ", users, " users, found ", ids.size(), " ids and ", tokens.size(), " tokens");
  std::vector<Account> accounts(users);
  for (std::size_t i = 0; i < users; ++i)
    accounts[i] = {std::move(ids[i]), std::move(tokens[i]), {}, {}};
  return accounts;
}

void write_user_ids(const std::string& path, std::size_t users) {
  std::ofstream file(path);
  for (std::size_t i = 0; i < users; ++i)
    file << "load-" << std::setw(5) << std::setfill('0') << i << '\n';
}

} // namespace parley::bench
