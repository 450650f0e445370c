// Opens a data directory, or makes one in steps that a crash cannot leave half done.
#include "persistence/store.hpp"

#include <system_error>
#include <utility>

#include <unistd.h>

#include "actors/fault.hpp"
#include "persistence/data_directory.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

/// What each part may hold when `tiny_map` is planted.
constexpr std::size_t tiny_map_bytes = std::size_t{3} << 20;

outcome make_model(const store& in) {
  auto epoch = new_epoch();
  if (!epoch)
    return epoch.error();
  if (auto made = make_directory(in.unfinished()); !made)
    return made;
  if (auto made = read_model::create(in.model_options(in.unfinished()), *epoch); !made)
    return made;
  return move_into_place(in.unfinished(), in.directory() / "model");
}

outcome make_log(const store& in) {
  if (auto made = make_directory(in.unfinished()); !made)
    return made;
  if (auto made = lmdb_log::create(in.log_options(in.unfinished()), in.epoch()); !made)
    return made;
  return move_into_place(in.unfinished(), in.directory() / "log");
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
  made->options_ = options;
  if (auto whole = refuse_unfinished(options.directory); !whole)
    return whole.error();
  if (auto directory = make_directory(options.directory); !directory)
    return directory.error();
  auto lock = lock_directory(options.directory);
  if (!lock)
    return lock.error();
  made->lock_ = *lock;
  if (auto opened = made->open_parts(); !opened)
    return opened.error();
  return made;
}

environment_options store::part_options(const fs::path& at, const char* called,
                                        std::size_t most_bytes) const {
  environment_options how;
  how.directory = at;
  how.called = directory() / called;
  how.most_bytes = mutant("tiny_map") ? tiny_map_bytes : most_bytes;
  how.first_bytes = options_.first_bytes;
  how.read_age = options_.read_age;
  return how;
}

environment_options store::log_options(const fs::path& at) const {
  return part_options(at, "log", options_.log_bytes);
}

environment_options store::model_options(const fs::path& at) const {
  return part_options(at, "model", options_.model_bytes);
}

store::~store() {
  log_.reset();
  model_.reset();
  if (lock_ >= 0)
    ::close(lock_);
}

// The model is made first: it names the epoch. A log is only made for a model that has nothing in
// it.
outcome store::open_parts() {
  std::error_code code;
  fs::remove_all(unfinished(), code);
  auto secret = read_or_make_secret(directory() / "secret", secret_bytes);
  if (!secret)
    return secret.error();
  secret_ = std::move(*secret);

  const fs::path model = directory() / "model";
  const fs::path log = directory() / "log";
  if (!fs::exists(model, code)) {
    if (fs::exists(log, code))
      return does_not_fit("there is a log but no read model");
    if (auto made = make_model(*this); !made)
      return made;
  }
  auto opened_model = read_model::open(model_options(model));
  if (!opened_model)
    return opened_model.error();
  model_ = std::move(*opened_model);

  if (!fs::exists(log, code)) {
    if (model_->applied().value() > 0)
      return does_not_fit("there is a read model but no log");
    if (auto made = make_log(*this); !made)
      return made;
  }
  auto opened_log = lmdb_log::open(log_options(log), epoch());
  if (!opened_log)
    return opened_log.error();
  log_ = std::move(*opened_log);
  return check_fit(*log_, *model_);
}

std::shared_ptr<lmdb_log> store::log() { return {shared_from_this(), log_.get()}; }

std::shared_ptr<read_model> store::model() { return {shared_from_this(), model_.get()}; }

watermarks_ptr store::make_watermarks() const {
  auto marks = std::make_shared<watermarks>();
  marks->applied(model_->applied());
  marks->committed(log_->head());
  marks->memberships.all_changed(log_->head());
  marks->dealings.all_changed(log_->head());
  return marks;
}

} // namespace parley
