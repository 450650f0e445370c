// Prefers batches to the model, and the model to nothing.
#include "persistence/search/index_writer.hpp"

#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

index_finished index_writer::step(const std::vector<batch_ptr>& batches) {
  auto done = try_step(batches);
  if (done)
    return *done;
  catching_up_.reset();
  if (done.error().code == error_code::internal) {
    thread_log().error("search_index_damaged reason={}", in_quotes(done.error().message));
    start_anew();
    return {position{}, true, true, true};
  }
  return {done.error()};
}

result<index_finished> index_writer::try_step(const std::vector<batch_ptr>& batches) {
  if (!index_)
    if (auto opened = open(); !opened)
      return opened.error();
  if (!catching_up_ && !batches.empty() && batches.front()->at == index_->at().next()) {
    if (auto fed = feed(*index_, batches); !fed)
      return fed.error();
    return index_finished{index_->at(), index_->may_have_forgotten()};
  }
  if (catching_up_ || index_->at() < model_->applied())
    return catch_up();
  auto purged = index_->purge_some();
  if (!purged)
    return purged.error();
  return index_finished{index_->at(), *purged};
}

outcome index_writer::open() {
  auto opened = search_index::open(place_.directory, place_.epoch, newest_);
  if (!opened)
    return opened.error();
  index_ = std::move(*opened);
  return success();
}

result<index_finished> index_writer::catch_up() {
  if (!catching_up_)
    catching_up_.emplace(*index_, *model_);
  auto done = catching_up_->step();
  if (!done)
    return done.error();
  if (*done) {
    catching_up_.reset();
    thread_log().info("search_index_caught_up position={}", index_->at().value());
  }
  return index_finished{index_->at(), !*done || index_->may_have_forgotten(), !*done};
}

index_finished index_writer::give_up() {
  start_anew();
  return {position{}, true, true, true};
}

void index_writer::start_anew() {
  catching_up_.reset();
  index_.reset();
  if (auto removed = search_index::remove(place_.directory); !removed)
    thread_log().error("search_index_stays reason={}", in_quotes(removed.error().message));
}

} // namespace parley
