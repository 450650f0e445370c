// Feeds the index large portions when nobody waits, and at once when somebody does.
#include "persistence/search/indexer.hpp"

#include <algorithm>
#include <utility>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/search/search_query.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

/// How long to wait for space on the disk before trying again.
constexpr auto index_rest = 1s;

std::size_t bytes_of(const committed_batch& batch) {
  std::size_t bytes = 0;
  for (const auto& each : batch.records)
    bytes += each->event.size();
  return bytes;
}

failure is_behind() {
  return {error_code::overloaded, "the search index is behind; try again later", 1s};
}

} // namespace

indexer::indexer(caf::actor_config& config, store_surroundings around, const search_place& place,
                 std::shared_ptr<const read_model> model, lane_ptr writing, lane_ptr reading)
    : indexer_actor::base(config), around_(std::move(around)), model_(std::move(model)),
      writer_(std::make_shared<index_writer>(place, model_, around_.marks->committed())),
      desk_(std::make_shared<desk>(desk{place.directory, place.cursor_key, {}})),
      writing_(std::move(writing)), reading_(std::move(reading)),
      newest_(around_.marks->committed()), rebuilding_since_(now()) {}

// What it is told later keeps the actor, which must not keep the store open as long as that.
void indexer::on_exit() {
  writer_.reset();
  desk_.reset();
  model_.reset();
}

indexer::behavior_type indexer::make_behavior() {
  start();
  return {
      [this](const committed& message) { on_committed(message); },
      [this](const applied&) {
        answer_ready();
        consider();
      },
      [this](const read_search& query) { on_search(query); },
      [this](const index_due&) {
        waking_ = resting_ = false;
        if (!running_ && (steps_left_ || (indexed_ < newest_ && can_go_on())))
          start();
      },
      [this](const index_finished& message) { on_finished(message); },
      [this](const index_damaged&) { on_damaged(); },
      [this](const patience_over&) { refuse_waiting(now() - limits::search_patience); },
  };
}

// The model has everything sooner or later, so memory need not.
void indexer::on_committed(const committed& message) {
  const batch_ptr& batch = message.batch;
  const position follows = kept_.empty() ? newest_.next() : kept_.back()->at.next();
  if (batch->at == follows && kept_records_ < limits::index_lag_records &&
      kept_bytes_ < limits::index_lag_bytes) {
    kept_.push_back(batch);
    kept_records_ += batch->records.size();
    kept_bytes_ += bytes_of(*batch);
  }
  newest_ = std::max(newest_, batch->at);
  measure();
  consider();
}

void indexer::on_search(const read_search& query) {
  if (is_ready_for(query.at_least))
    return run(query);
  if (rebuilding_ && now() - rebuilding_since_ > limits::search_patience)
    return refuse(query, is_behind());
  if (around_.marks->applied() < query.at_least)
    tell(this, around_.handles->applier, hurry{query.at_least});
  waiting_.emplace(query.at_least, waiting_search{query, now()});
  tell_later(this, handle_of<indexer_actor>(this), limits::search_patience, patience_over{});
  consider();
}

// --- The index's writer --------------------------------------------------------------------------

void indexer::consider() {
  if (running_ || resting_)
    return;
  if (steps_left_)
    return start();
  if (indexed_ >= newest_)
    return;
  if (!can_go_on()) {
    if (!waiting_.empty()) // the applier tells when it has got there
      tell(this, around_.handles->applier, hurry{newest_});
  } else if (!waiting_.empty() || kept_records_ >= limits::index_records) {
    start();
  } else {
    wake_in(limits::index_interval);
  }
}

/// Batches are at hand, or the model has more than the index.
bool indexer::can_go_on() const {
  return (!kept_.empty() && kept_.front()->at == indexed_.next()) ||
         indexed_ < around_.marks->applied();
}

void indexer::wake_in(std::chrono::nanoseconds delay) {
  if (waking_)
    return;
  waking_ = true;
  tell_later(this, handle_of<indexer_actor>(this), delay, index_due{});
}

void indexer::start() {
  running_ = true;
  writing_->run([self = handle_of<indexer_actor>(this), writer = writer_,
                 batches = next_batches()] { tell_from_outside(self, writer->step(batches)); });
}

std::vector<batch_ptr> indexer::next_batches() const {
  std::vector<batch_ptr> batches;
  if (kept_.empty() || kept_.front()->at != indexed_.next())
    return batches;
  std::size_t records = 0;
  for (const auto& each : kept_) {
    batches.push_back(each);
    if ((records += each->records.size()) >= limits::index_records)
      break;
  }
  return batches;
}

void indexer::on_finished(const index_finished& message) {
  running_ = false;
  if (!message.at) {
    if (!std::exchange(failing_, true))
      around_.log->warn("search_index_waits reason={}", in_quotes(message.at.error().message));
    refuse_all(message.at.error());
    return pause();
  }
  failing_ = false;
  indexed_ = *message.at;
  steps_left_ = message.steps_left;
  const bool was_rebuilding = std::exchange(rebuilding_, message.is_rebuilding);
  if (rebuilding_ && !was_rebuilding)
    rebuilding_since_ = now();
  if (rebuilding_ != was_rebuilding)
    reading_->run([desk = desk_] { desk->index.reset(); }); // the file may be another one
  while (!kept_.empty() && kept_.front()->at <= indexed_) {
    kept_records_ -= kept_.front()->records.size();
    kept_bytes_ -= bytes_of(*kept_.front());
    kept_.pop_front();
  }
  measure();
  if (message.is_gone)
    return pause();
  answer_ready();
  consider();
}

// Whatever was wrong with it may be wrong again at once.
void indexer::pause() {
  resting_ = true;
  waking_ = false; // an earlier wake-up would only come too soon, once
  wake_in(index_rest);
}

// One that is at work notices by itself, or is told by the next search.
void indexer::on_damaged() {
  if (running_ || resting_ || rebuilding_)
    return;
  running_ = true;
  writing_->run([self = handle_of<indexer_actor>(this), writer = writer_] {
    tell_from_outside(self, writer->give_up());
  });
}

void indexer::measure() const {
  around_.metrics->unindexed_batches.set(static_cast<std::int64_t>(newest_.value()) -
                                         static_cast<std::int64_t>(indexed_.value()));
}

// --- Searches ------------------------------------------------------------------------------------

bool indexer::is_ready_for(position wanted) const {
  return !rebuilding_ && wanted <= indexed_ && wanted <= around_.marks->applied();
}

void indexer::answer_ready() {
  while (!waiting_.empty() && is_ready_for(waiting_.begin()->first)) {
    run(waiting_.begin()->second.query);
    waiting_.erase(waiting_.begin());
  }
}

void indexer::refuse_waiting(instant asked_until) {
  std::erase_if(waiting_, [&](const auto& each) {
    const bool late = each.second.since <= asked_until;
    if (late)
      refuse(each.second.query, is_behind());
    return late;
  });
}

void indexer::refuse_all(const failure& why) {
  for (const auto& [wanted, each] : waiting_)
    refuse(each.query, why);
  waiting_.clear();
}

void indexer::run(const read_search& query) {
  reading_->run([query, desk = desk_, model = model_, shard = shard_of(query.to.session),
                 metrics = around_.metrics, self = handle_of<indexer_actor>(this),
                 asked = std::chrono::steady_clock::now()] {
    const stopwatch time{of(metrics->reads, read_kind::search)};
    const bool is_late = std::chrono::steady_clock::now() - asked > limits::search_patience;
    auto found = is_late ? is_behind() : desk->find(*model, query);
    if (!found && found.error().code == error_code::internal)
      thread_log().error("search_failed reason={}", in_quotes(found.error().message));
    if (desk->is_damaged()) { // it is made anew, and the same question works then
      desk->index.reset();
      tell_from_outside(self, index_damaged{});
      found = is_behind();
    }
    answer told;
    told.session = query.to.session.number;
    if (!found)
      told.envelope = encode_error(query.to.ref, found.error());
    else if (!std::holds_alternative<std::monostate>(query.to.ref))
      told.envelope = encode_results(query.to.ref, *found);
    tell_from_outside(shard, std::move(told));
  });
}

result<search_results> indexer::desk::find(const model_reader& model, const read_search& query) {
  if (!index) {
    auto opened = search_reader::open(directory, cursor_key);
    if (!opened)
      return opened.error();
    index = std::move(*opened);
  }
  return search(*index, model, query.to.user, query.what, query.at_least);
}

void indexer::refuse(const read_search& query, const failure& why) {
  answer told;
  told.session = query.to.session.number;
  told.envelope = encode_error(query.to.ref, why);
  tell(this, shard_of(query.to.session), std::move(told));
}

shard_actor indexer::shard_of(const session_address& session) const {
  const auto& shards = around_.handles->shards;
  return session.shard < shards.size() ? shards[session.shard] : shard_actor{};
}

indexer_actor spawn_indexer(caf::actor_system& system, store_surroundings around,
                            const search_place& place, std::shared_ptr<const read_model> model,
                            lane_ptr writing, lane_ptr reading) {
  return spawn_actor<indexer, indexer_actor>(system, std::move(around), place, std::move(model),
                                             std::move(writing), std::move(reading));
}

} // namespace parley
