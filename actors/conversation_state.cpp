// Decides commands of one conversation in the order: retry, membership, right, number.
#include "actors/conversation_state.hpp"

#include <algorithm>
#include <type_traits>

#include "actors/encoding.hpp"
#include "actors/fault.hpp"

namespace parley {

namespace {

/// May be under way beside messages and receipts. A receipt with a key may not: its key must not be
/// answered from before it is on disk.
bool goes_beside_others(const record& what) noexcept {
  const bool has_no_number = what.kind == record_kind::receipts || what.kind == record_kind::set;
  return what.kind == record_kind::message || (has_no_number && !what.key);
}

} // namespace

void conversation_state::load(const conversation_snapshot& snapshot) {
  exists_ = snapshot.exists;
  deleted_ = snapshot.deleted;
  kind_ = snapshot.kind;
  title_ = snapshot.title;
  meta_ = snapshot.meta;
  created_at_ = snapshot.created_at;
  moderated_ = snapshot.moderated;
  for (const auto& [user, at] : snapshot.posted) // in the order of the messages
    posted_.insert_or_assign(user, at);
  head_ = snapshot.head;
  last_position_ = snapshot.head_position;
  messages_ = snapshot.messages;
  hides_ = snapshot.hides;
  kept_from_ = snapshot.kept_from;
  held_ = snapshot.held;
  for (const auto& each : snapshot.members) {
    members_.emplace(each.user, each);
    newest_view_ = std::max(newest_view_, each.sees_from);
  }
  for (const auto& each : snapshot.restrictions)
    restrictions_.emplace(each.user, each);
  blockers_.insert(snapshot.blockers.begin(), snapshot.blockers.end());
  for (const auto& each : snapshot.invitations)
    invitations_.emplace(each.user, each);
  for (const auto& each : snapshot.pins)
    if (each.message >= kept_from_)
      pins_.emplace(each.message, each);
  for (auto each : snapshot.tail) {
    each.restated = each.restated || may_be_reply(each.bytes);
    tail_.push(std::move(each), {});
  }
}

const member_facts* conversation_state::member(const user_id& user) const {
  auto found = members_.find(user);
  return found == members_.end() ? nullptr : &found->second;
}

// --- Retries -------------------------------------------------------------------------------------

std::optional<idempotency_key> conversation_state::key_of(const asker& who,
                                                          const conversation_command& what) const {
  const client_id* client = client_of(what);
  if (client == nullptr)
    return std::nullopt;
  const bool creating = std::holds_alternative<create>(what);
  return idempotency_key{creating ? rules::creation_scope(who.user, *client) : id_, who.user,
                         *client};
}

bool conversation_state::may_be_retry(const asker& who, const conversation_command& what) const {
  const bool may_be_known = exists_ || deleted_ || needs_no_conversation(what);
  const auto key = may_be_known ? key_of(who, what) : std::nullopt;
  return key && keys_.ask(*key) != key_memory::answer::unknown;
}

std::optional<idempotency_key>
conversation_state::key_to_look_up(const asker& who, const conversation_command& what) const {
  if (!exists_ && !deleted_ && !needs_no_conversation(what))
    return std::nullopt; // nothing was ever accepted here
  auto key = key_of(who, what);
  return key && keys_.ask(*key) == key_memory::answer::look_up ? key : std::nullopt;
}

bool conversation_state::is_new_message(const asker& who, const conversation_command& what) const {
  const auto* erases = std::get_if<erase>(&what);
  const bool changes = std::holds_alternative<edit_message>(what) ||
                       std::holds_alternative<react>(what) ||
                       std::holds_alternative<pin_message>(what) || (erases && erases->message);
  if (!std::holds_alternative<send_message>(what) && !changes)
    return false;
  const bool alone = !in_flight_.empty() && !goes_beside_others(*in_flight_.front().what);
  const bool waits = alone || (changes && (!in_flight_.empty() || receipts_.gathered() > 0));
  if (waits || message_ || files_ || !exists_ || member(who.user) == nullptr)
    return false; // with its message looked up it was counted already
  const client_id* client = client_of(what);
  return client == nullptr || keys_.ask({id_, who.user, *client}) == key_memory::answer::unknown;
}

verdict conversation_state::decide_retry(const asker& who, const idempotency_key& key,
                                         const conversation_command& what) {
  const known_command& known = keys_.at(key);
  if (deleted_ && (key.scope != id_ || known.seq < head_))
    return not_found(who); // of all that was here, the deletion alone is remembered
  if (known.content != content_of(what))
    return refuse_with(who, error_code::conflict, "this client_id was used for something else");
  if (known.conversation == id_ && known.seq > head_)
    return wait{};
  return say{first_answer(who, known, key, what)};
}

std::string conversation_state::first_answer(const asker& who, const known_command& known,
                                             const idempotency_key& key,
                                             const conversation_command& what) const {
  if (std::holds_alternative<send_message>(what))
    return encode_sent(who.ref, id_, key.client, known.seq, known.at);
  const auto* erased = std::get_if<erase>(&what);
  const bool has_no_number =
      goes_beside_others(what) || std::holds_alternative<set_preferences>(what) ||
      (needs_no_conversation(what) && !std::holds_alternative<create>(what)) ||
      std::holds_alternative<hold_conversation>(what) ||
      std::holds_alternative<read_thread>(what) || (erased && erased->whom == audience::me);
  if (has_no_number)
    return encode_ok(who.ref);
  if (!std::holds_alternative<create>(what))
    return encode_ok(who.ref, known.seq);
  map_writer answer{"conversation", who.ref};
  answer.fields(known.answer);
  return if_asked(who, std::move(answer).take());
}

// --- Commands ------------------------------------------------------------------------------------

verdict conversation_state::decide(const asker& who, const conversation_command& what,
                                   timestamp now) {
  const bool reads = only_reads(what);
  if (!reads && !in_flight_.empty() && !goes_beside_others(*in_flight_.front().what))
    return wait{};
  const bool may_be_known = exists_ || deleted_ || needs_no_conversation(what);
  if (auto key = may_be_known ? key_of(who, what) : std::nullopt) {
    const auto known = keys_.ask(*key);
    if (known == key_memory::answer::look_up)
      return look_up{std::move(*key)};
    if (known == key_memory::answer::known)
      return decide_retry(who, *key, what);
  }
  if (const auto* creating = std::get_if<create>(&what); creating && !exists_ && !deleted_)
    return decide_create(who, *creating, now);
  if (auto decided = decide_for_anyone(who, what, now))
    return std::move(*decided);
  if (who.operates)
    if (auto decided = decide_for_operator(who, what, now))
      return std::move(*decided);
  const member_facts* as = exists_ ? member(who.user) : nullptr;
  if (mutant("no_membership_check") && exists_ && std::holds_alternative<get_conversation>(what))
    return tell_if_asked(who, encode_conversation(who.ref, facts(head_)));
  if (as == nullptr)
    return not_found(who);
  if (!reads && !goes_beside_others(what) && (!in_flight_.empty() || receipts_.gathered() > 0))
    return wait{};
  return std::visit([&](const auto& asked) { return decide_on(who, *as, asked, now); }, what);
}

verdict conversation_state::decide_create(const asker& who, const create& what, timestamp now) {
  if (auto cut = cut_off(who))
    return std::move(*cut);
  std::vector<membership> founders = rules::founders(what, who.user);
  if (what.kind != conversation_kind::direct)
    if (auto apart = kept_apart(who, founders))
      return std::move(*apart);
  auto made = next_record(record_kind::created, who.user, now);
  made->joined = std::move(founders);
  made->created = creation{what.kind, what.title.value_or("")};
  conversation_facts facts{
      id_, what.kind, made->created->title, {}, made->joined, made->joined.size(), made->seq, now};
  made->event = encode_joined(id_, made->seq, now, made->joined, who.user);
  made->introduction = encode_introduction(facts);
  if (what.client) {
    put_key(*made, *key_of(who, what), rules::fingerprint_of(what));
    made->answer = conversation_fields(facts);
  }
  return put_forward(std::move(made), if_asked(who, encode_conversation(who.ref, facts)));
}

// Only a direct conversation is named by more than its first creation.
verdict conversation_state::decide_on(const asker& who, const member_facts&, const create& what,
                                      timestamp now) {
  const conversation_facts found = facts(head_);
  if (!what.client)
    return tell_if_asked(who, encode_conversation(who.ref, found));
  if (!in_flight_.empty())
    return wait{};
  auto noted = next_record(record_kind::noted, who.user, now);
  put_key(*noted, *key_of(who, what), rules::fingerprint_of(what));
  noted->answer = conversation_fields(found);
  return put_forward(std::move(noted), if_asked(who, encode_conversation(who.ref, found)));
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const send_message& what, timestamp now) {
  if (!rules::may_post(charter(), as.as))
    return refuse_with(who, error_code::forbidden, "your role may not post here");
  if (what.screened && what.screened->refused)
    return say{encode_error(who.ref, *what.screened->refused)};
  if (auto valid = rules::validate(what, newest()); !valid)
    return say{encode_error(who.ref, valid.error())};
  for (const auto& named : {what.reply_to, what.thread})
    if (named && *named < sees_from(as).value())
      return refuse_with(who, error_code::not_found, "no such message");
  if (auto held = held_back(who, as, now))
    return std::move(*held);
  if (what.thread)
    if (auto out = out_of_thread(who, what))
      return std::move(*out);
  mentioned mentions = rules::mentioned_by(what.mentions);
  if (mentions.everyone && !rules::may(charter(), right::mention_all, as.as))
    return refuse_with(who, error_code::forbidden, "your role may not mention everyone");
  auto files = files_for(who, what, now);
  if (auto* instead = std::get_if<verdict>(&files))
    return std::move(*instead);
  auto posted = next_record(record_kind::message, who.user, now);
  posted->mentions = std::move(mentions);
  posted->thread = sequence{what.thread.value_or(0)};
  if (what.expires_in)
    posted->expires_at =
        static_cast<std::uint64_t>(to_wire(now + std::chrono::seconds{*what.expires_in}));
  posted->files = what.files.value_or(std::vector<file_id>{});
  const bool swapped = mutant("swap_numbers") && posted->seq.value() / 2 == 10;
  const sequence number{posted->seq.value() ^ (swapped ? 1 : 0)};
  posted->event =
      encode_message(number, now, who.user, what, std::get<std::vector<file_facts>>(files));
  put_key(*posted, {id_, who.user, what.client}, rules::fingerprint_of(what));
  std::string ack = encode_sent(who.ref, id_, what.client, posted->seq, now);
  if (moderated_.slow_mode > 0)
    posted_.insert_or_assign(who.user, now);
  return put_forward(std::move(posted), std::move(ack));
}

// --- Questions -----------------------------------------------------------------------------------

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const set_typing& what, timestamp now) {
  if (!rules::may_post(charter(), as.as))
    return refuse_with(who, error_code::forbidden, "your role may not post here");
  if (auto quiet = silenced(who, as, now))
    return std::move(*quiet);
  return whisper{what.active};
}

verdict conversation_state::decide_on(const asker& who, const member_facts&,
                                      const get_conversation&, timestamp) {
  return tell_if_asked(who, encode_conversation(who.ref, facts(head_)));
}

verdict conversation_state::decide_on(const asker& who, const member_facts&,
                                      const get_members& what, timestamp) {
  auto next = what.cursor ? members_.upper_bound(user_id{*what.cursor}) : members_.begin();
  std::vector<member_facts> items;
  for (; next != members_.end() && items.size() < rules::page_limit(what.limit); ++next)
    items.push_back(next->second);
  std::optional<std::string> cursor;
  if (next != members_.end())
    cursor = items.back().user.str();
  return tell_if_asked(who, encode_member_page(who.ref, items, cursor));
}

// Receipts and what users keep for themselves change nothing that another question than theirs is
// about.
std::optional<append_number>
conversation_state::must_wait_for(const conversation_command& what) const {
  const bool all = is_about_receipts(what);
  const auto found =
      std::find_if(in_flight_.rbegin(), in_flight_.rend(), [&](const in_flight& each) {
        return all ||
               (each.what->kind != record_kind::receipts && each.what->kind != record_kind::set);
      });
  return found == in_flight_.rend() ? std::nullopt : std::optional{found->number};
}

conversation_facts conversation_state::facts(sequence as_of) const {
  conversation_facts facts{id_,   kind_,       title_,     meta_,     {}, members_.size(),
                           as_of, created_at_, moderated_, kept_from_};
  for (const auto& [user, each] : members_) {
    if (facts.members.size() == limits::members_shown)
      break;
    facts.members.push_back({user, each.as});
  }
  return facts;
}

// --- Numbers -------------------------------------------------------------------------------------

std::shared_ptr<record> conversation_state::next_record(record_kind kind, const user_id& actor,
                                                        timestamp now) const {
  auto made = std::make_shared<record>();
  made->kind = kind;
  made->conversation = id_;
  made->seq = is_numbered(kind) ? newest().next() : newest();
  made->at = now;
  made->actor = actor;
  const message_ordinal last = in_flight_.empty() ? messages_ : in_flight_.back().what->ordinal;
  made->ordinal = kind == record_kind::message ? last.next() : last;
  return made;
}

propose conversation_state::put_forward(std::shared_ptr<record> what, std::string ack) {
  if (what->key)
    keys_.add(*what->key, {what->content, id_, what->seq, what->at, what->answer});
  what->uninvited = uninvited_by(*what);
  const append_number number = std::exchange(next_number_, next_number_.next());
  in_flight_.push_back({number, what});
  return propose{number, std::move(what), std::move(ack)};
}

void conversation_state::put_key(record& to, idempotency_key key, const fingerprint& content) {
  to.key = std::move(key);
  to.content = content;
}

void conversation_state::appended(append_number last, position at) {
  receipts_.committed(last);
  while (!in_flight_.empty() && in_flight_.front().number <= last) {
    const record_ptr done = in_flight_.front().what;
    in_flight_.pop_front();
    if (is_numbered(done->kind))
      apply(*done, at);
    if (is_about_users(done->kind))
      apply_block(*done);
    if (is_of_user(done->kind))
      settle(done);
    if (done->kind == record_kind::trimmed || is_about_holds(done->kind))
      apply_retention(*done);
    if (done->kind == record_kind::trimmed)
      hidden_at_ = at; // of what is left some speaks of what is gone
    if (done->kind == record_kind::thread_read) {
      changed_[done->change->message] = at;
      hidden_at_ = at;
    }
    if (done->kind == record_kind::hidden) {
      hides_ = true;
      hidden_at_ = at;
      changed_[done->change->message] = at;
    }
    last_position_ = at;
    if (done->key)
      keys_.committed(*done->key, at);
  }
  if (in_flight_.empty()) // behind receipts that failed, messages may still be stored
    failing_ = false;
}

void conversation_state::apply(const record& what, position at) {
  head_ = what.seq;
  messages_ = what.ordinal;
  tail_.push({what.seq, what.event, may_be_reply(what.event)}, at);
  if (what.created) {
    exists_ = true;
    kind_ = what.created->kind;
    title_ = what.created->title;
    created_at_ = what.at;
    if (kind_ != conversation_kind::direct) // a pair may have settled something before
      keys_.set_complete();                 // whoever created it looked its own keys up
  }
  for (const auto& each : what.joined) {
    const sequence sees_from = moderated_.history == shown_past::joined ? what.seq : sequence{};
    members_.insert_or_assign(each.user,
                              member_facts{each.user, each.as, what.seq, what.at, sees_from});
    newest_view_ = std::max(newest_view_, sees_from);
    receipts_.forget(each.user);
  }
  if (what.left) {
    members_.erase(*what.left);
    receipts_.forget(*what.left);
  }
  if ((what.left || !what.joined.empty()) && members_.size() <= limits::receipt_audience)
    receipts_.doubt_all();
  for (const auto& each : what.roles)
    if (auto found = members_.find(each.user); found != members_.end())
      found->second.as = each.as;
  if (what.restricted) {
    restrictions_.insert_or_assign(what.restricted->user, *what.restricted);
    std::erase_if(restrictions_, [&](const auto& each) { return each.second.is_over(what.at); });
  }
  const sequence thread = what.change ? what.change->thread : what.thread;
  if (thread.value() > 0 && what.kind != record_kind::edited) { // what begins it says how many
    changed_[thread] = at;
    tail_.restate(thread);
  }
  if (what.kind == record_kind::pinned) {
    apply_pin(what);
  } else if (what.change) {
    changed_[what.change->message] = at;
    tail_.restate(what.change->message);
    if (what.kind == record_kind::erased) {
      pins_.erase(what.change->message);
      beginnings_.erase(what.change->message);
    }
    for (const auto& each : what.change->tombstones) {
      tail_.bury(each);
      changed_[each.seq] = at;
    }
  }
  apply_invitations(what);
  title_ = what.settings.title.value_or(title_);
  meta_ = what.settings.meta.value_or(meta_);
  parley::apply(what.settings, moderated_);
  retention_moved_ = retention_moved_ || what.settings.retention;
  if (what.kind == record_kind::deleted) {
    exists_ = false;
    deleted_ = true;
    members_.clear();
    pins_.clear();
    restrictions_.clear();
    tail_ = {};
    receipts_ = {};
  }
}

void conversation_state::failed(append_number number) {
  failing_ = true;
  receipts_.failed(number);
  in_flight_.erase_if([&](const in_flight& each) {
    if (each.number != number)
      return false;
    if (each.what->key)
      keys_.remove(*each.what->key);
    if (each.what->kind == record_kind::message)
      posted_.erase(each.what->actor); // who may post a little early then, but never late
    return true;
  });
  failing_ = !in_flight_.empty();
}

void conversation_state::trim(position applied, std::size_t bytes) {
  tail_.trim(applied, bytes / 2);
  keys_.trim(applied, std::min(limits::keys_in_memory, bytes / 2 / limits::key_bytes));
  receipts_.trim();
  while (beginnings_.size() > limits::threads_in_memory)
    beginnings_.erase(beginnings_.begin());
  while (posted_.size() > limits::slow_posters) // whoever is forgotten may post a little early
    posted_.erase(posted_.begin());
  std::erase_if(changed_, [&](const auto& each) { return each.second <= applied; });
}

} // namespace parley
