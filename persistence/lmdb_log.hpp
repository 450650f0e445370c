// The log over LMDB: one row per batch, appended and synced; old rows go when new ones come.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/environment.hpp"
#include "persistence/log_store.hpp"

namespace parley {

/// The version of the log's layout; a newer one is refused.
inline constexpr std::uint64_t log_format = 1;

/// Key: the position, 8 bytes, big-endian; at position 0 a row that says format and epoch.
class lmdb_log : public log_store {
public:
  /// Makes a new, empty log that belongs to `epoch` and whose first batch follows `base`; the
  /// directory must exist and be empty.
  static outcome create(const environment_options& options, std::string_view epoch,
                        position base = {});
  /// Opens a log; one of another epoch or a newer format is refused.
  static result<std::unique_ptr<lmdb_log>> open(const environment_options& options,
                                                std::string_view epoch);

  /// The position that the first batch ever written follows, 0 but in a restored backup; or why the
  /// log in this view is not of our format or does not belong to `epoch`.
  static result<position> read_base(const transaction& view, std::string_view epoch);
  /// The key of a batch's row.
  static std::string key_of(position at);
  /// The position a row's key stands for, 0 for the header; nothing for any other key.
  static std::optional<position> position_of(std::string_view key);

  result<position> append(std::string_view batch) override;
  position head() const override { return position{head_}; }
  position floor() const override { return position{floor_}; }
  result<std::vector<logged_batch>> read(position from, std::size_t most_bytes) const override;
  void trim(position applied) override;

  /// Batches behind this one stay, applied or not, until they are let go of, or there is no room.
  void hold(position last_unneeded) noexcept { held_ = last_unneeded.value(); }
  void let_go() noexcept { held_ = UINT64_MAX; }
  /// Makes a log at `fresh` with the batches behind `after` alone. Called where `append` is.
  result<std::unique_ptr<lmdb_log>> copy_to(const environment_options& fresh,
                                            std::string_view epoch, position after) const;
  /// Goes on in the file of `fresh`, which ends where this one ends, once it was put where the old
  /// one is: who reads finishes with that. Called where `append` is.
  outcome take_over(lmdb_log& fresh, const std::function<outcome()>& put_into_place);

private:
  explicit lmdb_log(std::unique_ptr<environment> in) : environment_(std::move(in)) {}
  std::shared_ptr<environment> file() const;
  outcome find_ends(const transaction& view);
  outcome write_batch(position at, std::string_view batch);
  bool make_room();
  std::uint64_t trimmable(std::uint64_t kept) const;

  mutable std::mutex looking_; ///< Of who takes the file to read, or replaces it.
  std::shared_ptr<environment> environment_;
  std::atomic<std::uint64_t> held_{UINT64_MAX};
  std::atomic<std::uint64_t> head_{0};
  std::atomic<std::uint64_t> floor_{0};
  std::atomic<std::uint64_t> applied_{0};
};

} // namespace parley
