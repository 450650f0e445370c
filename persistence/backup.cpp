// The log's tail first, then the model, which is by then at least as far as the tail begins.
#include "persistence/backup.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "persistence/backup_files.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/lmdb_log.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/rows.hpp"
#include "persistence/store.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

/// Times that files which go while they are copied are put up with.
constexpr int most_rounds = 10;

/// Where the backup is written: beside its place, locked while somebody writes, marked until it is
/// whole, gone when it failed.
class workplace {
public:
  explicit workplace(const fs::path& target) : target_(target), path_(target) {
    path_ += ".unfinished";
  }
  ~workplace() {
    std::error_code ignored;
    if (lock_ >= 0 && !done_)
      fs::remove_all(path_, ignored);
    if (lock_ >= 0)
      ::close(lock_);
  }
  workplace(const workplace&) = delete;
  workplace& operator=(const workplace&) = delete;

  const fs::path& path() const noexcept { return path_; }

  outcome enter() {
    if (auto free = refuse_taken(); !free)
      return free;
    if (auto made = make_directory(path_); !made)
      return made;
    auto lock = lock_directory(path_);
    if (!lock)
      return failure{lock.error().code, path_.string() + ": another backup writes there", {}};
    lock_ = *lock;
    // The mark comes first: what a killed backup left goes piece by piece.
    std::error_code code;
    if (!(std::ofstream{path_ / unfinished_mark} << "parleyd backup\n").flush())
      return failure{error_code::unavailable, path_.string() + ": cannot be written", {}};
    if (auto synced = sync_directory(path_); !synced)
      return synced;
    for (const auto& each : fs::directory_iterator(path_, code))
      if (each.path().filename() != "lock" && each.path().filename() != unfinished_mark)
        fs::remove_all(each.path(), code);
    return sync_directory(path_);
  }

  /// Everything in it is synced: it becomes what it was made for.
  outcome leave() {
    std::error_code code;
    if (!fs::remove(path_ / unfinished_mark, code))
      return failure{error_code::internal, path_.string() + ": the mark is gone", {}};
    auto moved = move_into_place(path_, target_);
    done_ = moved.ok();
    return moved;
  }

private:
  outcome refuse_taken() const {
    std::error_code code;
    if (!fs::exists(fs::symlink_status(target_, code)))
      return success();
    return failure{error_code::conflict, target_.string() + " exists already", {}};
  }

  fs::path target_;
  fs::path path_;
  int lock_ = -1;
  bool done_ = false;
};

/// What the model says of itself at one moment.
struct model_facts {
  std::string epoch;
  position applied;
};

result<model_facts> read_facts(const environment& model) {
  auto view = model.read();
  if (!view)
    return view.error();
  const row_reader rows{*view};
  if (auto known = rows.known_format(); !known)
    return known.error();
  auto epoch = rows.meta_text(meta::epoch);
  if (!epoch)
    return epoch.error();
  auto applied = rows.applied();
  if (!applied)
    return applied.error();
  return model_facts{std::move(*epoch), *applied};
}

/// Opened anew for every look: the mapping reaches only so far beyond the file of its moment.
result<model_facts> read_facts(const fs::path& directory) {
  auto model = environment::open(looking_at(directory, model_table_names));
  return model ? read_facts(**model) : model.error();
}

outcome make_log(const fs::path& directory, std::string_view epoch, position base) {
  std::error_code code;
  fs::remove_all(directory, code);
  if (auto made = make_directory(directory); !made)
    return made;
  environment_options options{directory, {}};
  options.most_bytes = store_options{}.log_bytes;
  if (auto made = lmdb_log::create(options, epoch, base); !made)
    return made;
  return sync_directory(directory);
}

/// Batches from `view` that follow `after`, into a log that was made for them.
result<position> copy_batches(const read_transaction& view, const fs::path& to,
                              std::string_view epoch, position after) {
  environment_options options{to, {}};
  options.most_bytes = store_options{}.log_bytes;
  auto log = lmdb_log::open(options, epoch);
  if (!log)
    return log.error();
  cursor rows = view.rows(0);
  for (bool more = rows.seek(lmdb_log::key_of(after.next())); more; more = rows.next()) {
    const auto at = lmdb_log::position_of(rows.key());
    if (!at || *at != (*log)->head().next())
      return failure{error_code::internal,
                     "batch " + std::to_string((*log)->head().next().value()) +
                         " of the log is missing",
                     {}};
    if (auto appended = (*log)->append(rows.value()); !appended)
      return appended.error();
  }
  if (rows.error())
    return *rows.error();
  return (*log)->head();
}

/// The log's view is the older one: nothing is missing between what the model has and what the log
/// has. Returns the head of the copied log, which is the log's of this moment, or the model's.
result<position> copy_tail(const fs::path& from, const fs::path& to, std::string_view epoch) {
  auto log = environment::open(looking_at(from / "log"));
  if (!log)
    return log.error();
  auto view = (*log)->read();
  if (!view)
    return view.error();
  auto model = read_facts(from / "model");
  if (!model)
    return model.error();
  if (auto base = lmdb_log::read_base(*view, model->epoch); !base)
    return base.error();
  if (auto made = make_log(to, epoch, model->applied); !made)
    return made.error();
  return copy_batches(*view, to, epoch, model->applied);
}

outcome copy_model(const fs::path& from, const fs::path& to) {
  auto model = environment::open(looking_at(from, model_table_names));
  if (!model)
    return model.error();
  if (auto made = make_directory(to); !made)
    return made;
  return (*model)->copy_to(to / "data.mdb");
}

/// Gives the copied model its own epoch; returns how far it is.
result<position> rename_model(const fs::path& directory, std::string_view epoch) {
  environment_options options{directory, {model_table_names.begin(), model_table_names.end()}};
  options.most_bytes = store_options{}.model_bytes;
  auto model = environment::open(options);
  if (!model)
    return model.error();
  auto renamed = (*model)->write([epoch](write_transaction& writing) {
    writing.put(index_of(model_table::meta), meta::epoch, encode_meta(meta::epoch, epoch));
    return success();
  });
  if (!renamed)
    return renamed.error();
  auto facts = read_facts(**model);
  if (!facts)
    return facts.error();
  if (auto synced = sync_directory(directory); !synced)
    return synced.error();
  return facts->applied;
}

/// The files that a copied model has, and those that its log adds.
result<std::set<file_id>> files_named_in(const fs::path& copy) {
  std::set<file_id> named;
  {
    auto model = environment::open(looking_at(copy / "model", model_table_names));
    if (!model)
      return model.error();
    auto view = (*model)->read();
    if (!view)
      return view.error();
    cursor rows = view->rows(index_of(model_table::files));
    for (bool more = rows.first(); more; more = rows.next())
      named.insert(file_id{std::string(rows.key())});
    if (rows.error())
      return *rows.error();
  }
  auto log = environment::open(looking_at(copy / "log"));
  if (!log)
    return log.error();
  auto view = (*log)->read();
  if (!view)
    return view.error();
  cursor batches = view->rows(0);
  for (bool more = batches.first(); more; more = batches.next()) {
    const auto at = lmdb_log::position_of(batches.key());
    if (!at || at->value() == 0)
      continue; // the header
    auto records = decode_batch(batches.value());
    if (!records)
      return records.error();
    for (const auto& each : *records)
      if (each->file)
        named.insert(each->file->file);
  }
  if (batches.error())
    return *batches.error();
  return named;
}

outcome copy_key_files(const backup_plan& plan, const fs::path& to) {
  for (const auto& each : plan.key_files)
    if (auto copied = copy_secret(plan.from / each, to / each); !copied)
      return copied;
  if (auto secret = read_or_make_secret(to / "secret", secret_bytes); !secret)
    return secret.error();
  return success();
}

/// Log and model of one moment.
result<backup_report> copy_records(const backup_plan& plan, const fs::path& to,
                                   const std::string& epoch) {
  auto head = copy_tail(plan.from, to / "log", epoch);
  if (!head)
    return head.error();
  std::error_code code;
  fs::remove_all(to / "model", code);
  if (auto copied = copy_model(plan.from / "model", to / "model"); !copied)
    return copied.error();
  auto applied = rename_model(to / "model", epoch);
  if (!applied)
    return applied.error();
  // A model that went on meanwhile has the tail already: its log begins behind it.
  if (*applied > *head)
    if (auto made = make_log(to / "log", epoch, *applied); !made)
      return made.error();
  const auto bytes = fs::file_size(to / "model" / "data.mdb", code);
  return backup_report{*applied, std::max(*applied, *head), epoch, code ? 0 : bytes};
}

/// Most files are copied first, while they may come and go; then what says which there are; then
/// the few that came meanwhile. One of those may have gone in the meantime: then again.
result<backup_report> fill(const backup_plan& plan, const fs::path& to) {
  auto epoch = new_epoch();
  if (!epoch)
    return epoch.error();
  blob_copy files{plan.from / "files", to / "files"};
  if (auto copied = files.copy_all(); !copied)
    return copied.error();
  for (int round = 0; round < most_rounds; ++round) {
    auto report = copy_records(plan, to, *epoch);
    if (!report)
      return report;
    auto named = files_named_in(to);
    if (!named)
      return named.error();
    auto is_whole = files.copy_missing(*named);
    if (!is_whole)
      return is_whole.error();
    if (!*is_whole)
      continue;
    if (auto kept = files.keep_only(*named); !kept)
      return kept.error();
    if (auto copied = copy_key_files(plan, to); !copied)
      return copied.error();
    return report;
  }
  return failure{error_code::unavailable, "files go faster than they can be copied", {}};
}

/// Absolute, and without a slash at its end.
fs::path plainly_named(const fs::path& name) {
  std::error_code code;
  fs::path whole = fs::absolute(name, code).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

/// A store within a store would be taken for a part of it.
outcome refuse_inside(const fs::path& from, const fs::path& target) {
  std::error_code code;
  const fs::path way =
      fs::weakly_canonical(target, code).lexically_relative(fs::weakly_canonical(from, code));
  if (way.empty() || *way.begin() == "..")
    return success();
  return failure{error_code::conflict, target.string() + " is within what is backed up", {}};
}

} // namespace

result<backup_report> back_up(const backup_plan& plan) {
  if (auto source = read_facts(plan.from / "model"); !source)
    return source.error();
  if (auto whole = refuse_unfinished(plan.from); !whole)
    return whole.error();
  if (auto outside = refuse_inside(plan.from, plan.to); !outside)
    return outside.error();
  workplace work{plainly_named(plan.to)};
  if (auto entered = work.enter(); !entered)
    return entered.error();
  auto report = fill(plan, work.path());
  if (!report)
    return report;
  if (auto left = work.leave(); !left)
    return left.error();
  return report;
}

} // namespace parley
