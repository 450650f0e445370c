// Each question becomes a job; its answer goes straight to who asked.
#include "persistence/reader.hpp"

#include <algorithm>
#include <utility>

#include "actors/encoding.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"

namespace parley {

namespace {

/// The operator reads what is damaged in the log; clients are only told that something is.
template <class Value>
result<Value> logged(result<Value> from) {
  if (!from && from.error().code == error_code::internal)
    thread_log().error("read_failed reason={}", in_quotes(from.error().message));
  return from;
}

template <class Value>
result<std::shared_ptr<const Value>> shared(result<Value> got) {
  auto from = logged(std::move(got));
  if (!from)
    return from.error();
  return std::make_shared<const Value>(std::move(*from));
}

bool wants_no_answer(const reference& ref) { return std::holds_alternative<std::monostate>(ref); }

/// What a page covers: all of what was asked for, or up to where it was cut.
void note_pulled(answer& told, const read_page& query, const event_page& page) {
  const sequence first = query.range.pulled_from.value() > 0
                             ? query.range.pulled_from
                             : std::max(query.range.first, sequence{1});
  const sequence last = std::min(query.range.last, query.head);
  if (!query.fills_gap || first > last)
    return;
  told.pulled = query.conversation;
  told.pulled_first = page.more && query.range.newest_first ? page.events.front().seq : first;
  told.pulled_last = page.more && !query.range.newest_first ? page.events.back().seq : last;
}

answer answer_with_page(const model_reader& model, const read_page& query) {
  page_range range = query.range;
  range.last = std::min(range.last, query.head);
  answer told;
  told.session = query.to.session.number;
  const auto reader = query.fills_gap ? std::nullopt : std::optional{query.to.user};
  auto page = logged(model.page(query.conversation, range, reader));
  if (!page) {
    told.envelope = encode_error(query.to.ref, page.error());
  } else if (!wants_no_answer(query.to.ref)) {
    told.envelope = encode_page(query.to.ref, query.conversation, page->events,
                                page->more || range.more_outside);
    note_pulled(told, query, *page);
  }
  return told;
}

answer answer_with_list(const model_reader& model, const read_list& query) {
  answer told;
  told.session = query.to.session.number;
  auto list = logged(model.list(query.to.user, query.what, query.now));
  if (!list)
    told.envelope = encode_error(query.to.ref, list.error());
  else if (!wants_no_answer(query.to.ref))
    told.envelope = encode_list(query.to.ref, *list);
  return told;
}

template <class Page, class Encode>
std::string answer_text(const reference& ref, const result<Page>& page, Encode&& encode) {
  if (!page)
    return encode_error(ref, page.error());
  return wants_no_answer(ref) ? std::string{} : encode(*page);
}

result<std::vector<std::optional<cursors_found>>> found_cursors(const model_reader& model,
                                                                const find_receipts& query) {
  auto cursors = model.cursors(query.conversation, query.users);
  if (!cursors)
    return cursors.error();
  std::vector<std::optional<cursors_found>> found;
  for (std::size_t i = 0; i < query.users.size(); ++i) {
    auto dealt = model.dealings_of(query.users[i]);
    if (!dealt)
      return dealt.error();
    if ((*cursors)[i])
      found.push_back(cursors_found{std::move(*(*cursors)[i]), std::move(*dealt)});
    else
      found.emplace_back();
  }
  return found;
}

std::string inquire_into(const model_reader& model, const get_receipts& what, const asker& who) {
  return answer_text(
      who.ref, logged(model.receipts(what, who.user)),
      [&](const receipt_page& page) { return encode_receipts(who.ref, what, page); });
}

std::string inquire_into(const model_reader& model, const get_devices& what, const asker& who) {
  const auto found = logged(model.cursors(what.conversation, {who.user}));
  if (found && !found->front())
    return encode_error(who.ref, {error_code::not_found, "no such conversation", {}});
  return answer_text(who.ref, found, [&](const auto& cursors) {
    return encode_devices(who.ref, what, *cursors.front());
  });
}

std::string inquire_into(const model_reader& model, const get_versions& what, const asker& who) {
  return answer_text(
      who.ref, logged(model.versions(what, who.user)),
      [&](const version_page& page) { return encode_versions(who.ref, what, page); });
}

std::string inquire_into(const model_reader& model, const get_reactions& what, const asker& who) {
  return answer_text(
      who.ref, logged(model.reactions(what, who.user)),
      [&](const reaction_page& page) { return encode_reactions(who.ref, what, page); });
}

std::string inquire_into(const model_reader& model, const get_erasure& what, const asker& who) {
  return answer_text(
      who.ref, logged(model.erasure(what, who.user)),
      [&](const erasure_facts& facts) { return encode_erasure(who.ref, what, facts); });
}

std::string inquire_into(const model_reader& model, const get_thread& what, const asker& who) {
  return answer_text(who.ref, logged(model.thread(what, who.user)), [&](const event_page& page) {
    return encode_page(who.ref, what.conversation, page.events, page.more, what.message);
  });
}

answer answer_with_inquiry(const model_reader& model, const read_inquiry& query) {
  answer told;
  told.session = query.to.session.number;
  told.envelope =
      std::visit([&](const auto& what) { return inquire_into(model, what, query.to); }, query.what);
  return told;
}

std::string list_for(const model_reader& model, const list_blocks& what, const asker& who) {
  return answer_text(who.ref, logged(model.blocks(who.user, what)),
                     [&](const block_page& page) { return encode_blocks(who.ref, page); });
}

std::string list_for(const model_reader& model, const list_invitations& what, const asker& who) {
  return answer_text(
      who.ref, logged(model.invitations(who.user, what)),
      [&](const invitation_page& page) { return encode_invitations(who.ref, page); });
}

std::string list_for(const model_reader& model, const list_notifications& what, const asker& who) {
  return answer_text(
      who.ref, logged(model.notifications(who.user, what)),
      [&](const notification_page& page) { return encode_notifications(who.ref, page); });
}

std::string list_for(const model_reader& model, const get_notification_settings&,
                     const asker& who) {
  return answer_text(who.ref, logged(model.tuning(who.user)), [&](notification_settings set) {
    set.typing = set.typing.value_or(true);
    set.last_seen = set.last_seen.value_or(true);
    set.receipts = set.receipts.value_or(true);
    return encode_notification_settings(who.ref, set);
  });
}

/// Everyone sees their own.
result<user_profile> profile_of(const model_reader& model, const user_id& user) {
  auto found = logged(model.profiles(user, {user}));
  if (!found)
    return found.error();
  return std::move(found->front().what);
}

std::string list_for(const model_reader& model, const get_profile& what, const asker& who) {
  const std::vector<user_id> users =
      what.users.value_or(std::vector<user_id>{what.user.value_or(who.user)});
  auto found = logged(model.profiles(who.user, users));
  if (found && found->empty() && !what.users)
    return encode_error(who.ref, {error_code::not_found, "no such profile", {}});
  return answer_text(who.ref, found, [&](const std::vector<listed_profile>& items) {
    return what.users ? encode_profiles(who.ref, items)
                      : encode_profile(who.ref, items.front().user, items.front().what);
  });
}

std::string list_for(const model_reader& model, const list_holds& what, const asker& who) {
  return answer_text(who.ref, logged(model.holds(what)),
                     [&](const hold_page& page) { return encode_holds(who.ref, page); });
}

result<std::vector<stored_file>> answer_about_files(const model_reader& model,
                                                    const find_files& asked) {
  return model.files(asked.files);
}

result<file_facts> answer_about_files(const model_reader& model, const find_readable& asked) {
  return model.file_for(asked.file, asked.reader, asked.now);
}

result<unsent_files> answer_about_files(const model_reader& model, const find_unsent& asked) {
  return model.unsent(asked.user);
}

result<unused_files> answer_about_files(const model_reader& model, const find_unused& asked) {
  return model.unused(asked.until);
}

result<std::vector<user_erasure>> answer_about_erasures(const model_reader& model,
                                                        const find_erasures& asked) {
  return model.user_erasures(asked.id);
}

result<std::vector<std::string>> answer_about_erasures(const model_reader& model,
                                                       const find_exports& asked) {
  return model.exports(asked.id, asked.before);
}

result<erasure_work> answer_about_erasures(const model_reader& model,
                                           const find_erasure_work& asked) {
  return model.work_of_erasure(asked.what);
}

result<std::uint64_t> answer_about_erasures(const model_reader& model,
                                            const find_held_messages& asked) {
  return model.held_messages_of(asked.user);
}

std::size_t owner_of(const session_address& session) {
  return static_cast<std::size_t>(session.number * 31 + session.shard);
}

} // namespace

reader::reader(caf::actor_config& config, store_surroundings around,
               std::shared_ptr<const model_reader> model, std::vector<lane_ptr> own)
    : reader_actor::base(config), around_(std::move(around)), model_(std::move(model)),
      own_(std::move(own)) {}

reader::behavior_type reader::make_behavior() {
  return {
      [this](const load_conversation& query) { on_load(query); },
      [this](const find_keys& query) { on_find(query); },
      [this](const find_receipts& query) { on_find_receipts(query); },
      [this](const find_message& query) { on_find_message(query); },
      [this](const find_invited& query) { on_find_invited(query); },
      [this](const read_page& query) { on_page(query); },
      [this](const read_inquiry& query) { on_inquiry(query); },
      [this](const read_list& query) { on_list(query); },
      [this](const read_catch_up& query) { on_catch_up(query); },
      [this](const read_shared& query) { on_shared(query); },
      [this](const read_seen& query) { on_seen(query); },
      [this](const read_due& query) { on_due(query); },
      [this](const read_own_list& query) { on_own_list(query); },
      [this](const read_totals& query) { on_totals(query); },
      [this](const read_notifiable& query) { on_notifiable(query); },
      [this](const read_recent& query) { on_recent(query); },
      [this](const read_files& query) { on_files(query); },
      [this](const read_trimmable& query) { on_trimmable(query); },
      [this](const read_erasures& query) { on_erasures(query); },
      [this](const applied& message) { on_applied(message); },
      [this](const read_dealings& query) { on_dealings(query); },
      [this](const find_profile& query) { on_find_profile(query); },
  };
}

void reader::on_load(const load_conversation& query) {
  when(read_kind::snapshot, query.at_least, std::hash<conversation_id>{}(query.conversation),
       [model = model_, query] {
         tell_from_outside(query.to, loaded{shared(model->snapshot(query.conversation))});
       });
}

void reader::on_find(const find_keys& query) {
  const std::size_t whose =
      query.keys.empty() ? 0 : std::hash<user_id>{}(query.keys.front().sender);
  when(read_kind::keys, query.at_least, whose, [model = model_, query] {
    tell_from_outside(query.to, keys_found{logged(model->find(query.keys))});
  });
}

void reader::on_find_receipts(const find_receipts& query) {
  when(read_kind::cursors, query.at_least, std::hash<conversation_id>{}(query.conversation),
       [model = model_, query] {
         tell_from_outside(query.to, receipts_found{logged(found_cursors(*model, query))});
       });
}

void reader::on_find_message(const find_message& query) {
  when(read_kind::message, query.at_least, std::hash<conversation_id>{}(query.conversation),
       [model = model_, query] {
         tell_from_outside(query.to,
                           message_found{logged(model->messages(query.conversation, query.what))});
       });
}

void reader::on_find_invited(const find_invited& query) {
  when(read_kind::sharing, query.at_least, std::hash<user_id>{}(query.users.front()),
       [model = model_, query] {
         tell_from_outside(query.to, invited_found{logged(
                                         model->obstacles(query.by, query.users, query.counts))});
       });
}

void reader::on_inquiry(const read_inquiry& query) {
  when(read_kind::receipts, query.at_least, owner_of(query.to.session),
       [model = model_, query, shard = shard_of(query.to.session)] {
         tell_from_outside(shard, answer_with_inquiry(*model, query));
       });
}

void reader::on_page(const read_page& query) {
  when(read_kind::page, query.at_least, owner_of(query.to.session),
       [model = model_, query, shard = shard_of(query.to.session)] {
         tell_from_outside(shard, answer_with_page(*model, query));
       });
}

void reader::on_list(const read_list& query) {
  when(read_kind::list, query.at_least, owner_of(query.to.session),
       [model = model_, query, shard = shard_of(query.to.session)] {
         tell_from_outside(shard, answer_with_list(*model, query));
       });
}

// A cursor from another shard may be ahead of this one's position, and of the model, and still be
// good.
void reader::on_catch_up(const read_catch_up& query) {
  position needed = query.at_least;
  if (query.since && *query.since <= around_.marks->committed())
    needed = std::max(needed, *query.since);
  when(read_kind::catch_up, needed, owner_of(query.to),
       [model = model_, query, shard = shard_of(query.to)] {
         tell_from_outside(
             shard, caught_up{query.to.number, shared(model->missed(query.user, query.since))});
       });
}

void reader::on_shared(const read_shared& query) {
  when(read_kind::sharing, query.at_least, std::hash<user_id>{}(query.user),
       [model = model_, query] {
         tell_from_outside(query.to,
                           shared_found{logged(model->shared_with(query.user, query.others))});
       });
}

void reader::on_seen(const read_seen& query) {
  when(read_kind::last_seen, query.at_least, std::hash<user_id>{}(query.user),
       [model = model_, query] {
         tell_from_outside(query.to, seen_found{logged(model->last_seen(query.user))});
       });
}

void reader::on_dealings(const read_dealings& query) {
  when(read_kind::sharing, query.at_least, std::hash<user_id>{}(query.user),
       [model = model_, query] {
         tell_from_outside(query.to,
                           dealings_found{query.user, logged(model->dealings_of(query.user))});
       });
}

void reader::on_find_profile(const find_profile& query) {
  when(read_kind::list, query.at_least, std::hash<user_id>{}(query.user),
       [model = model_, query] { query.to(profile_of(*model, query.user)); });
}

void reader::on_own_list(const read_own_list& query) {
  when(read_kind::list, query.at_least, owner_of(query.to.session),
       [model = model_, query, shard = shard_of(query.to.session)] {
         answer told;
         told.session = query.to.session.number;
         told.envelope = std::visit(
             [&](const auto& what) { return list_for(*model, what, query.to); }, query.what);
         tell_from_outside(shard, std::move(told));
       });
}

void reader::on_totals(const read_totals& query) {
  when(read_kind::list, query.at_least, owner_of(query.to.session),
       [model = model_, query, shard = shard_of(query.to.session)] {
         answer told;
         told.session = query.to.session.number;
         told.envelope = answer_text(
             query.to.ref, logged(model->totals(query.to.user, query.now)),
             [&](const unread_totals& all) { return encode_totals(query.to.ref, all); });
         tell_from_outside(shard, std::move(told));
       });
}

void reader::on_due(const read_due& query) {
  when(read_kind::due, query.at_least, 0, [model = model_, query] {
    tell_from_outside(query.to, due_found{logged(model->due(query.until, query.behind))});
  });
}

void reader::on_trimmable(const read_trimmable& query) {
  when(read_kind::due, query.at_least, 0, [model = model_, query] {
    tell_from_outside(query.to, trimmable_found{logged(model->trimmable(query.what))});
  });
}

void reader::on_files(const read_files& query) {
  when(read_kind::files, query.at_least, next_file_question_++,
       [model = model_, what = query.what] {
         std::visit([&](const auto& asked) { asked.to(logged(answer_about_files(*model, asked))); },
                    what);
       });
}

void reader::on_erasures(const read_erasures& query) {
  when(read_kind::files, query.at_least, next_file_question_++,
       [model = model_, what = query.what] {
         std::visit(
             [&](const auto& asked) { asked.to(logged(answer_about_erasures(*model, asked))); },
             what);
       });
}

void reader::when(read_kind what, position at_least, std::size_t whose, job query) {
  job work = [metrics = around_.metrics, what, query = std::move(query)] {
    const stopwatch time{of(metrics->reads, what)};
    query();
  };
  const std::size_t lane = whose % own_.size();
  if (at_least <= around_.marks->applied())
    return own_[lane]->run(std::move(work));
  waiting_.emplace(at_least, waiting_job{lane, std::move(work)});
  tell(this, around_.handles->applier, hurry{at_least});
}

void reader::on_applied(const applied& message) {
  const auto end = waiting_.upper_bound(message.at);
  for (auto each = waiting_.begin(); each != end; ++each)
    own_[each->second.lane]->run(std::move(each->second.work));
  waiting_.erase(waiting_.begin(), end);
}

// A session that names no shard of ours is told nothing: there is nobody to tell.
shard_actor reader::shard_of(const session_address& session) const {
  const auto& shards = around_.handles->shards;
  return session.shard < shards.size() ? shards[session.shard] : shard_actor{};
}

reader_actor spawn_reader(caf::actor_system& system, store_surroundings around,
                          std::shared_ptr<const model_reader> model, std::vector<lane_ptr> own) {
  return spawn_actor<reader, reader_actor>(system, std::move(around), std::move(model),
                                           std::move(own));
}

} // namespace parley
