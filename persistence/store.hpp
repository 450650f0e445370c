// A data directory: its lock, its secret, its log and its read model, opened and checked together.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "actors/errors.hpp"
#include "actors/watermarks.hpp"
#include "persistence/lmdb_log.hpp"
#include "persistence/read_model.hpp"

namespace parley {

struct store_options {
  std::filesystem::path directory;
  std::size_t log_bytes = std::size_t{4} << 30;     ///< The log's file grows no further.
  std::size_t model_bytes = std::size_t{256} << 30; ///< The model's file grows no further.
  std::size_t first_bytes = std::size_t{1} << 20;   ///< What a new file of either takes at once.
  std::chrono::nanoseconds read_age = limits::read_age; ///< As in environment_options.
};

/// One per data directory. What it hands out keeps it, and so the lock, alive.
class store : public std::enable_shared_from_this<store> {
public:
  /// Opens the directory, or makes it. `unavailable`: another process has it, or there is no space.
  /// `internal`: it is damaged, newer than this program, or its parts do not belong together; the
  /// message says which.
  static result<std::shared_ptr<store>> open(const store_options& options);
  ~store();
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  std::shared_ptr<lmdb_log> log();
  std::shared_ptr<read_model> model();
  const std::filesystem::path& directory() const noexcept { return options_.directory; }
  /// Where what is not finished is made; removed whenever a store is opened.
  std::filesystem::path unfinished() const { return options_.directory / "new"; }
  /// How the parts are opened: the part's name, and where it is.
  environment_options log_options(const std::filesystem::path& at) const;
  environment_options model_options(const std::filesystem::path& at) const;
  /// 32 random bytes, the same for the life of the directory; the server's alone.
  const std::string& secret() const noexcept { return secret_; }
  /// Names this life of the store; a restored backup has another.
  const std::string& epoch() const noexcept { return model_->epoch(); }
  /// Where both are now: to be handed to the actors, which raise them from then on.
  watermarks_ptr make_watermarks() const;

private:
  store() = default;
  environment_options part_options(const std::filesystem::path& at, const char* called,
                                   std::size_t most_bytes) const;
  outcome open_parts();

  store_options options_;
  int lock_ = -1;
  std::string secret_;
  std::unique_ptr<lmdb_log> log_;
  std::unique_ptr<read_model> model_;
};

} // namespace parley
