// Rows are put into new files one by one: copied pages would bring along what was deleted from
// them.
#include "persistence/compact.hpp"

#include <chrono>
#include <deque>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "persistence/compacted_rows.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/replay.hpp"
#include "persistence/rows.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Bytes of rows that one transaction copies: LMDB keeps its pages in memory until the commit.
constexpr std::size_t copied_at_once = std::size_t{32} << 20;
/// How long to wait for the applier before looking again.
constexpr auto patience = 20ms;
/// Batches by which the copy may be behind when the model stops for it to catch up.
constexpr std::uint64_t small_rest = 64;

failure stopped() { return {error_code::unavailable, "the compaction was given up", {}}; }

std::uint64_t bytes_of(const fs::path& directory) {
  std::error_code code;
  const auto bytes = fs::file_size(directory / "data.mdb", code);
  return code ? 0 : bytes;
}

/// What is copied of all rows, and who hears of it.
class copied_rows {
public:
  copied_rows(const transaction& from, const progress_listener& tell) : tell_(tell) {
    for (table_index table = 0; table < model_table_names.size(); ++table)
      all_ += from.count(table);
  }
  void add(std::uint64_t more) {
    copied_ += more;
    if (tell_)
      tell_({"copying", copied_, all_});
  }

private:
  const progress_listener& tell_;
  std::uint64_t all_ = 0;
  std::uint64_t copied_ = 0;
};

/// Copies rows from where the cursor stands; false when there are none left.
result<bool> copy_portion(cursor& rows, bool more, table_index table, environment& to,
                          compacted_rows& compacted, copied_rows& copied) {
  std::vector<std::pair<std::string_view, std::string_view>> portion;
  std::deque<std::string> changed;
  for (std::size_t bytes = 0; more && bytes < copied_at_once; more = rows.next()) {
    bytes += rows.key().size() + rows.value().size();
    auto now =
        compacted.see(static_cast<model_table>(table), std::string(rows.key()), rows.value());
    if (!now) // they stay where they are: nobody writes here
      portion.emplace_back(rows.key(), rows.value());
    else if (!now->empty())
      portion.emplace_back(rows.key(), changed.emplace_back(std::move(*now)));
  }
  if (rows.error())
    return *rows.error();
  auto written = to.write([&](write_transaction& writing) {
    for (const auto& [key, value] : portion)
      writing.append(table, key, value);
    return success();
  });
  copied.add(portion.size());
  return written ? result<bool>{more} : written.error();
}

outcome copy_table(const transaction& from, table_index table, environment& to,
                   compacted_rows& compacted, const stop_request& is_stopped, copied_rows& copied) {
  cursor rows = from.rows(table);
  for (bool more = rows.first(); more;) {
    if (is_stopped())
      return stopped();
    auto left = copy_portion(rows, more, table, to, compacted, copied);
    if (!left)
      return left.error();
    more = *left;
  }
  return rows.error() ? outcome{*rows.error()} : success();
}

outcome write_rest(const compacted_rows& compacted, environment& to) {
  const auto rest = compacted.rest();
  if (!rest)
    return rest.error();
  return to.write([&](write_transaction& writing) {
    for (const auto& [table, key, value] : *rest)
      writing.put(index_of(table), key, value);
    return success();
  });
}

} // namespace

outcome copy_model_rows(const environment& from, const fs::path& to, const stop_request& is_stopped,
                        const progress_listener& tell) {
  std::error_code code;
  fs::remove_all(to, code);
  if (auto made = make_directory(to); !made)
    return made;
  environment_options options{to, {model_table_names.begin(), model_table_names.end()}};
  options.most_bytes = store_options{}.model_bytes;
  auto copy = environment::open(options);
  if (!copy)
    return copy.error();
  auto view = from.read();
  if (!view)
    return view.error();
  if (auto known = row_reader{*view}.known_format(); !known)
    return known;
  const row_reader rows{*view};
  compacted_rows compacted{rows};
  copied_rows progress{*view, tell};
  for (table_index table = 0; table < model_table_names.size(); ++table)
    if (auto copied = copy_table(*view, table, **copy, compacted, is_stopped, progress); !copied)
      return copied;
  if (auto settled = write_rest(compacted, **copy); !settled)
    return settled;
  return sync_directory(to);
}

compaction::compaction(std::shared_ptr<store> data, compaction_places places)
    : data_(std::move(data)), places_(std::move(places)) {}

compaction::~compaction() {
  data_->log()->let_go();
  std::error_code ignored;
  if (may_remove_)
    fs::remove_all(data_->unfinished(), ignored);
}

outcome compaction::refuse_stopped() const {
  return places_.is_stopped() ? outcome{stopped()} : success();
}

outcome compaction::begin() {
  model_.before = bytes_of(data_->directory() / "model");
  log_.before = bytes_of(data_->directory() / "log");
  settled_ = data_->log()->head();
  for (bool is_settled = false; !is_settled;) {
    if (auto going_on = refuse_stopped(); !going_on)
      return going_on;
    if (auto some = settle_some(is_settled); !some)
      return some;
  }
  data_->log()->hold(data_->model()->applied());
  return success();
}

// What is erased by and by is erased at once here.
outcome compaction::settle_some(bool& is_settled) {
  const auto model = data_->model();
  if (model->applied() < settled_) {
    places_.hurry(settled_);
    if (model->applied() < settled_)
      std::this_thread::sleep_for(patience);
    return success();
  }
  return places_.model([&]() -> outcome {
    if (!model->has_condemned()) {
      is_settled = true;
      return success();
    }
    auto purged = model->purge_some();
    return purged ? success() : outcome{purged.error()};
  });
}

outcome compaction::finish() {
  if (auto replaced = replace_model(); !replaced)
    return replaced;
  if (auto near = come_near_head(); !near)
    return near;
  return replace_log();
}

outcome compaction::note(timestamp now) {
  return places_.model([&] { return data_->model()->note_compaction(settled_, now); });
}

std::string compaction::report() const {
  const auto bytes = [](const size& of) {
    return std::to_string(of.after) + " bytes instead of " + std::to_string(of.before);
  };
  return "position " + std::to_string(settled_.value()) + ", model of " + bytes(model_) +
         ", log of " + bytes(log_);
}

outcome compaction::catch_up(read_model& fresh) {
  const position until = data_->model()->applied();
  while (fresh.applied() < until)
    if (auto reached = replay_some(*data_->log(), fresh, until); !reached)
      return reached.error();
  return success();
}

// What was erased meanwhile is erased there, too, before anybody reads it: who was forgotten would
// be named again.
outcome compaction::settle(read_model& fresh) {
  while (fresh.has_condemned()) {
    if (auto going_on = refuse_stopped(); !going_on)
      return going_on;
    if (auto purged = fresh.purge_some(); !purged)
      return purged.error();
  }
  return success();
}

outcome compaction::replace_model() {
  const fs::path place = data_->directory() / "model";
  auto opened = read_model::open(data_->model_options(data_->unfinished()));
  if (!opened)
    return opened.error();
  read_model& fresh = **opened;
  while (fresh.applied().value() + small_rest < data_->model()->applied().value()) {
    if (auto going_on = refuse_stopped(); !going_on)
      return going_on;
    if (auto some = replay_some(*data_->log(), fresh, data_->model()->applied()); !some)
      return some.error();
  }
  if (auto settled = settle(fresh); !settled)
    return settled;
  auto replaced = places_.model([&]() -> outcome {
    if (auto caught = catch_up(fresh); !caught)
      return caught;
    if (auto settled = settle(fresh); !settled) // mostly it is
      return settled;
    auto taken = data_->model()->take_over(fresh, [&] { return exchange(place); });
    return taken ? make_last(place) : taken;
  });
  if (!replaced)
    return replaced;
  data_->log()->let_go();
  if (auto removed = remove_former(); !removed)
    return removed;
  model_.after = bytes_of(place);
  return success();
}

outcome compaction::exchange(const fs::path& part) {
  auto exchanged = exchange_directories(data_->unfinished(), part);
  may_remove_ = !exchanged;
  return exchanged;
}

// Nobody writes on before it is certain that a crash cannot bring back what was there before: it
// would not have what is acknowledged next.
outcome compaction::make_last(const fs::path& part) {
  if (auto synced = sync_directory(data_->directory()); !synced)
    return failure{error_code::internal, part.string() + ": " + synced.error().message, {}};
  may_remove_ = true;
  return success();
}

outcome compaction::remove_former() {
  std::error_code code;
  fs::remove_all(data_->unfinished(), code);
  if (code)
    return failure{
        error_code::unavailable, data_->unfinished().string() + ": " + code.message(), {}};
  return success();
}

// What is behind the model is copied while nobody can append.
outcome compaction::come_near_head() {
  for (;;) {
    const position head = data_->log()->head();
    if (data_->model()->applied().value() + small_rest >= head.value())
      return success();
    if (auto going_on = refuse_stopped(); !going_on)
      return going_on;
    places_.hurry(head);
    std::this_thread::sleep_for(patience);
  }
}

outcome compaction::replace_log() {
  const fs::path place = data_->directory() / "log";
  if (auto made = make_directory(data_->unfinished()); !made)
    return made;
  auto replaced = places_.log([&]() -> outcome {
    const auto log = data_->log();
    auto fresh = log->copy_to(data_->log_options(data_->unfinished()), data_->epoch(),
                              data_->model()->applied());
    if (!fresh)
      return fresh.error();
    auto taken = log->take_over(**fresh, [&] { return exchange(place); });
    return taken ? make_last(place) : taken;
  });
  if (!replaced)
    return replaced;
  if (auto removed = remove_former(); !removed)
    return removed;
  log_.after = bytes_of(place);
  return success();
}

} // namespace parley
