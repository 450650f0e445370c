// Opens a data directory, or makes one in steps that a crash cannot leave half done.
#include "persistence/store.hpp"

#include <system_error>
#include <utility>

#include <unistd.h>

#include "persistence/data_directory.hpp"
#include "persistence/lmdb_log.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

environment_options log_options(const store_options& of, const fs::path& directory) {
  return {directory, {}, of.log_bytes, of.first_bytes};
}

environment_options model_options(const store_options& of, const fs::path& directory) {
  return {directory, {}, of.model_bytes, of.first_bytes};
}

/// What is not finished has this name; whatever has it when a store is opened was left by a crash.
fs::path unfinished(const store_options& of) { return of.directory / "new"; }

outcome make_model(const store_options& options) {
  auto epoch = new_epoch();
  if (!epoch)
    return epoch.error();
  if (auto made = make_directory(unfinished(options)); !made)
    return made;
  if (auto made = read_model::create(model_options(options, unfinished(options)), *epoch); !made)
    return made;
  return move_into_place(unfinished(options), options.directory / "model");
}

outcome make_log(const store_options& options, std::string_view epoch) {
  if (auto made = make_directory(unfinished(options)); !made)
    return made;
  if (auto made = lmdb_log::create(log_options(options, unfinished(options)), epoch); !made)
    return made;
  return move_into_place(unfinished(options), options.directory / "log");
}

failure does_not_fit(std::string_view why) {
  return {
      error_code::internal, "the store's parts do not belong together: " + std::string(why), {}};
}

/// The model may be behind the log, by what the log still has; never the other way round.
outcome check_fit(const log_store& log, const read_model& model) {
  const position head = log.head();
  const position applied = model.applied();
  if (head < applied)
    return does_not_fit("the log ends at " + std::to_string(head.value()) +
                        " but the read model has applied " + std::to_string(applied.value()));
  if (head > applied && log.floor() > applied.next())
    return does_not_fit("the log begins at " + std::to_string(log.floor().value()) +
                        " but the read model has only applied " + std::to_string(applied.value()));
  return success();
}

} // namespace

result<std::shared_ptr<store>> store::open(const store_options& options) {
  std::shared_ptr<store> made{new store};
  if (auto whole = refuse_unfinished(options.directory); !whole)
    return whole.error();
  if (auto directory = make_directory(options.directory); !directory)
    return directory.error();
  auto lock = lock_directory(options.directory);
  if (!lock)
    return lock.error();
  made->lock_ = *lock;
  if (auto opened = made->open_parts(options); !opened)
    return opened.error();
  return made;
}

store::~store() {
  log_.reset();
  model_.reset();
  if (lock_ >= 0)
    ::close(lock_);
}

// The model is made first: it names the epoch. A log is only made for a model that has nothing in
// it.
outcome store::open_parts(const store_options& options) {
  std::error_code code;
  fs::remove_all(unfinished(options), code);
  auto secret = read_or_make_secret(options.directory / "secret", secret_bytes);
  if (!secret)
    return secret.error();
  secret_ = std::move(*secret);

  const fs::path model = options.directory / "model";
  const fs::path log = options.directory / "log";
  if (!fs::exists(model, code)) {
    if (fs::exists(log, code))
      return does_not_fit("there is a log but no read model");
    if (auto made = make_model(options); !made)
      return made;
  }
  auto opened_model = read_model::open(model_options(options, model));
  if (!opened_model)
    return opened_model.error();
  model_ = std::move(*opened_model);

  if (!fs::exists(log, code)) {
    if (model_->applied().value() > 0)
      return does_not_fit("there is a read model but no log");
    if (auto made = make_log(options, epoch()); !made)
      return made;
  }
  auto opened_log = lmdb_log::open(log_options(options, log), epoch());
  if (!opened_log)
    return opened_log.error();
  log_ = std::move(*opened_log);
  return check_fit(*log_, *model_);
}

std::shared_ptr<log_store> store::log() { return {shared_from_this(), log_.get()}; }

std::shared_ptr<read_model> store::model() { return {shared_from_this(), model_.get()}; }

watermarks_ptr store::make_watermarks() const {
  auto marks = std::make_shared<watermarks>();
  marks->applied(model_->applied());
  marks->committed(log_->head());
  marks->memberships.all_changed(log_->head());
  return marks;
}

} // namespace parley
