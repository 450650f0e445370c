// A page that nobody named and that is of no use is passed over: the server works without it.
#include "transport/main_page.hpp"

#include <array>
#include <chrono>
#include <filesystem>

#include <spdlog/spdlog.h>

#include "actors/log_line.hpp"
#include "transport/cli_token.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

/// How long a developer stays signed in.
constexpr std::chrono::hours dev_lifetime{24 * 7};

/// Beside the program, and below the prefix that it was installed under.
built_page find_page() {
  std::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  if (code)
    return {};
  const fs::path folder = program.parent_path();
  const std::array<fs::path, 2> places{folder / "page", folder.parent_path() / "share/parley/page"};
  for (const auto& place : places) {
    if (!fs::is_directory(place, code))
      continue;
    auto read = built_page::read(place);
    if (read)
      return std::move(*read);
    spdlog::warn("page_unusable reason={}", in_quotes(read.error().message));
  }
  return {};
}

timestamp now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace

result<std::shared_ptr<const built_page>> open_page(const serve_options& options) {
  auto made = std::make_shared<built_page>();
  if (options.page.empty())
    *made = find_page();
  else if (auto read = built_page::read(options.page))
    *made = std::move(*read);
  else
    return read.error();
  made->login = options.login;
  if (options.dev && options.jwt.key_files.empty()) {
    auto key = open_token_key(options.data, options.secret_file);
    if (!key)
      return key.error();
    made->token = [authority = std::make_shared<const token_authority>(std::move(*key))](
                      const std::string& user) {
      return authority->mint({user_id{user}, user, dev_lifetime, false}, now());
    };
  }
  return std::shared_ptr<const built_page>{std::move(made)};
}

} // namespace parley
