// One line per token and nothing else, so that scripts can read it.
#include "transport/cli_token.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "persistence/data_directory.hpp"

namespace parley {

namespace {

std::optional<std::vector<std::string>> read_users(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    return std::nullopt;
  std::vector<std::string> users;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r')
      line.pop_back();
    if (!line.empty())
      users.push_back(line);
  }
  return users;
}

int complain(const std::string& why) {
  std::cerr << "parleyd: " << why << '\n';
  return 1;
}

} // namespace

result<std::string> open_token_key(const std::string& data, const std::string& secret_file) {
  if (!secret_file.empty())
    return read_token_key(secret_file);
  if (auto made = make_directory(data); !made)
    return made.error();
  return read_or_make_token_key(data + "/" + token_key_file);
}

std::string external_tokens_mark(const std::string& data) {
  return data + "/" + external_tokens_file;
}

int print_tokens(const token_options& what) {
  if (what.external_keys || std::filesystem::exists(external_tokens_mark(what.data)))
    return complain("this server takes tokens that are signed with the private key of a --jwt-key; "
                    "it has no key to make one with. Whoever has that private key makes them");
  auto key = open_token_key(what.data, what.secret_file);
  if (!key)
    return complain(key.error().message);
  std::optional<std::vector<std::string>> users{{what.user}};
  if (!what.users_file.empty())
    users = read_users(what.users_file);
  if (!users)
    return complain("cannot read " + what.users_file);
  const token_authority authority{std::move(*key)};
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  for (const auto& user : *users) {
    const std::string token =
        authority.mint({user_id{user}, what.name, what.lifetime, what.admin}, now);
    if (token.empty())
      return complain("not a user's id (1 to 128 bytes of UTF-8): " + user);
    std::cout << token << '\n';
  }
  return std::cout.flush() ? 0 : 1;
}

} // namespace parley
