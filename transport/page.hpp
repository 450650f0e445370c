// The messages page: files that were built elsewhere, read once and answered from memory.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/errors.hpp"
#include "transport/http_rules.hpp"

namespace parley {

/// A file as it is sent.
struct page_file {
  std::string type; ///< Its media type.
  std::string bytes;
  std::string gzip; ///< The same, compressed; empty where that was not built.
  std::string tag;  ///< A weak one: it is the same, compressed or not.
  /// Its name changes with what is in it, so whoever has it need not ask again.
  bool is_immutable = false;
};

/// A built page, or the lack of one, with what it is told about this server.
class built_page {
public:
  /// There is none: whoever asks for it is told so.
  built_page() = default;

  /// Reads all files below a directory. `bad_request` when that is no built page, or more than
  /// there may be; `unavailable` when it cannot be read.
  static result<built_page> read(const std::filesystem::path& directory);

  bool is_there() const noexcept { return !files_.empty(); }
  /// By its path below the directory.
  const page_file* find(std::string_view name) const;

  /// Where whoever has no token is sent; empty: nowhere.
  std::string login;
  /// A token for any name; only on a developer's own machine.
  std::function<std::string(const std::string& user)> token;

private:
  std::map<std::string, page_file, std::less<>> files_;
};

/// Whether a path is one of the page's, whatever is there: `/`, `/messages`, `/admin` and what is
/// below `/messages/`.
bool is_path_of_page(std::string_view path);

/// The answer to a `GET` or `HEAD` of such a path.
http_answer answer_page(const http_request& request, std::string_view path, std::string_view query,
                        const edge_config& config);

} // namespace parley
