// Rewrites the model and the log, so that nothing is left in their files of what was deleted, and
// gives back the space that it took.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "actors/time.hpp"
#include "persistence/progress.hpp"
#include "persistence/store.hpp"

namespace parley {

/// Says that a compaction is to be given up: the store then stays as it was.
using stop_request = std::function<bool()>;

/// Copies every row that a model has in one view to a new one in `to`, a directory that is made;
/// the pages of the old one come not along, nor what compacted_rows leaves out. A server may write
/// to `from` meanwhile, in another process. `unavailable` when there is no space, or when it was
/// stopped.
outcome copy_model_rows(const environment& from, const std::filesystem::path& to,
                        const stop_request& is_stopped, const progress_listener& tell = {});

/// How a compaction gets at a store that is in use: each function runs a job where nobody else
/// writes to that part, and returns what it returned. In a stopped store all run it at once.
struct compaction_places {
  using place = std::function<outcome(const std::function<outcome()>&)>;
  place model;
  place log;
  /// Sees to it that the model gets to this position.
  std::function<void(position)> hurry;
  stop_request is_stopped;
};

/// One compaction of an open store, in steps: `begin`, then somebody copies the model's rows to
/// store::unfinished(), then `finish`. What is not finished when it goes is removed.
class compaction {
public:
  compaction(std::shared_ptr<store> data, compaction_places places);
  ~compaction();
  compaction(const compaction&) = delete;
  compaction& operator=(const compaction&) = delete;

  /// Waits until the model has no row of what was deleted before, and keeps the log from being
  /// trimmed.
  outcome begin();
  /// Brings the copy up to date, puts it where the model is, and begins the log anew behind it.
  /// `unavailable`: no space, or the file system cannot exchange directories. What fails loses
  /// nothing, unless it then `is_uncertain`.
  outcome finish();
  /// Notes in the model that nothing is left in any file of what was deleted up to `settled`: when
  /// the search index was compacted, too.
  outcome note(timestamp now);

  /// Nothing is left of what was deleted up to here.
  position settled() const noexcept { return settled_; }
  /// It is not known which of two models, or logs, a crash would leave: nothing may be acknowledged
  /// any more.
  bool is_uncertain() const noexcept { return !may_remove_; }
  /// In words, for people.
  std::string report() const;

private:
  /// Bytes of a file.
  struct size {
    std::uint64_t before = 0;
    std::uint64_t after = 0;
  };

  outcome settle_some(bool& is_settled);
  outcome catch_up(read_model& fresh);
  outcome settle(read_model& fresh);
  outcome replace_model();
  outcome come_near_head();
  outcome replace_log();
  outcome exchange(const std::filesystem::path& part);
  outcome make_last(const std::filesystem::path& part);
  outcome remove_former();
  outcome refuse_stopped() const;

  std::shared_ptr<store> data_;
  compaction_places places_;
  position settled_;
  bool may_remove_ = true; ///< What is in store::unfinished() is not needed, whatever happens.
  size model_;
  size log_;
};

} // namespace parley
