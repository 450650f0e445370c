// A message is what its event says, until a later one edits or ends it.
#include "persistence/search/index_feed.hpp"

#include <utility>

#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

/// Messages that a portion of catching up takes in.
constexpr std::size_t taken_at_once = 500;
/// Portions that are kept together: FTS5 writes a piece of its own for each time that something is
/// kept.
constexpr std::size_t portions_at_once = 40;

failure unreadable_message(const conversation_id& conversation, sequence seq) {
  return {error_code::internal,
          "search index: event " + std::to_string(seq.value()) + " of " + conversation.str() +
              " cannot be read",
          {}};
}

searchable_message message_of(const conversation_id& conversation, const event_facts& facts) {
  return {conversation, sequence{facts.seq},      user_id{std::string(facts.from)},
          facts.at,     std::string(*facts.body), !facts.files.empty()};
}

outcome put(search_index& index, const record& what) {
  const auto facts = facts_of(what.event);
  if (!facts || !facts->body)
    return unreadable_message(what.conversation, what.seq);
  return index.put(message_of(what.conversation, *facts));
}

outcome change(search_index& index, const record& what) {
  if (what.kind == record_kind::erased)
    return index.erase(what.conversation, what.change->message);
  if (what.kind == record_kind::deleted)
    return index.forget(what.conversation);
  if (what.kind == record_kind::trimmed)
    return index.forget_before(what.conversation, what.change->message);
  if (what.kind == record_kind::user_erased) {
    const auto step = erasure_step_in(what.event);
    return step && step->phase != erasure_phase::begun ? index.rename({*step}) : success();
  }
  if (what.kind != record_kind::edited)
    return success();
  const auto facts = facts_of(what.event);
  if (!facts || !facts->body)
    return unreadable_message(what.conversation, what.seq);
  return index.change(what.conversation, sequence{facts->message}, std::string(*facts->body));
}

/// What the model cannot read is no fault of the index.
failure of_model(failure why) { return {error_code::unavailable, std::move(why.message), {}}; }

} // namespace

// New messages first: FTS5 writes out what it has collected when it is given an older row.
outcome feed(search_index& index, std::span<const batch_ptr> batches) {
  for (const auto& batch : batches)
    for (const auto& each : batch->records)
      if (each->kind == record_kind::message)
        if (auto fed = put(index, *each); !fed)
          return fed;
  for (const auto& batch : batches)
    for (const auto& each : batch->records)
      if (auto fed = change(index, *each); !fed)
        return fed;
  return index.commit(batches.back()->at);
}

index_catch_up::index_catch_up(search_index& index, const read_model& model)
    : index_(index), model_(model), since_(index.at()), until_(model.applied()),
      place_(feed_place{}) {}

result<bool> index_catch_up::step() {
  if (!begun_) {
    if (until_ <= since_)
      return true;
    if (auto cleared = index_.clear_queue(); !cleared)
      return cleared.error();
    if (auto renamed = rename(); !renamed)
      return renamed.error();
    begun_ = true;
  }
  if (!place_)
    return take();
  if (auto collected = collect(); !collected)
    return collected.error();
  return false;
}

// Who is in the index already: what is read from now on has the new names.
outcome index_catch_up::rename() {
  auto erasures = model_.user_erasures({});
  if (!erasures)
    return of_model(erasures.error());
  std::erase_if(*erasures, [this](const user_erasure& each) {
    return each.phase == erasure_phase::begun || each.settled <= since_;
  });
  return index_.rename(*erasures);
}

outcome index_catch_up::collect() {
  auto portion = model_.feed(since_, until_, *place_);
  if (!portion)
    return of_model(portion.error());
  if (auto queued = index_.queue(portion->items); !queued)
    return queued;
  found_ += portion->items.size();
  for (const auto& each : portion->deleted)
    if (auto forgotten = index_.forget(each); !forgotten)
      return forgotten;
  for (const auto& [conversation, kept_from] : portion->trimmed)
    if (auto forgotten = index_.forget_before(conversation, kept_from); !forgotten)
      return forgotten;
  place_ = std::move(portion->next);
  return index_.commit_partly();
}

result<bool> index_catch_up::take() {
  auto places = index_.take_queued(taken_at_once);
  if (!places)
    return places.error();
  for (const auto& each : *places)
    if (auto taken = take_one(each); !taken)
      return taken.error();
  taken_ += places->size();
  const bool done = places->empty();
  const bool is_due = ++portions_ % portions_at_once == 0;
  if (auto kept = done ? index_.commit(until_) : is_due ? index_.commit_partly() : success(); !kept)
    return kept.error();
  return done;
}

// As it is now: what becomes of it behind `until_` is told again, and changes nothing then.
outcome index_catch_up::take_one(const message_place& which) {
  page_range one;
  one.first = one.last = which.seq;
  one.limit = 1;
  auto page = model_.page(which.conversation, one, user_id{});
  const auto facts =
      page && !page->events.empty() ? facts_of(page->events.front().bytes) : std::nullopt;
  if (page && page->events.empty()) // the conversation is gone
    return success();
  if (!facts) { // one message that cannot be read does not take away the search for all others
    thread_log().error("search_index_without conversation={} seq={}",
                       in_quotes(which.conversation.str()), which.seq.value());
    return success();
  }
  if (!facts->body)
    return index_.erase(which.conversation, which.seq);
  return index_.put(message_of(which.conversation, *facts));
}

} // namespace parley
