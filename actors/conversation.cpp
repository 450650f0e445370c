// Commands in, appends out; answers go straight to the asker's shard.
#include "actors/conversation.hpp"

#include <algorithm>
#include <unordered_set>

#include "actors/encoding.hpp"
#include "actors/erased_in_commands.hpp"
#include "actors/fault.hpp"
#include "actors/limits.hpp"

namespace parley {

namespace {

/// Keys or users in one look-up: bounds the read transaction it runs in.
constexpr std::size_t rows_per_look_up = 512;

} // namespace

conversation::conversation(caf::actor_config& config, context_ptr context, conversation_id id)
    : conversation_actor::base(config), context_(std::move(context)), id_(std::move(id)),
      state_(id_, context_->windows) {}

conversation::behavior_type conversation::make_behavior() {
  load();
  return {
      [this](const ask& message) { on_ask(message.what); },
      [this](const loaded& message) { on_loaded(message); },
      [this](const keys_found& message) { on_keys_found(message); },
      [this](const receipts_found& message) { on_receipts_found(message); },
      [this](const message_found& message) { on_message_found(message); },
      [this](const invited_found& message) { on_invited_found(message); },
      [this](const files_found& message) { on_files_found(message); },
      [this](const appended& message) { on_appended(message); },
      [this](const append_failed& message) { on_append_failed(message); },
      [this](const typing_due&) { on_typing_due(); },
      [this](const passivate&) { on_passivate(); },
      [this](const dealings_found& message) { on_dealings_found(message); },
      [this](const profile_found& message) { on_profile_found(message); },
  };
}

// --- Loading and leaving -------------------------------------------------------------------------

void conversation::load() {
  loading_ = true;
  tell(this, context_->handles->reader,
       load_conversation{id_, context_->marks->committed(), handle_of<conversation_actor>(this)});
}

void conversation::on_loaded(const loaded& message) {
  loading_ = false;
  if (!message.snapshot)
    return fail_waiting(message.snapshot.error()); // whoever asks next has it tried again
  state_.load(**message.snapshot);
  loaded_ = true;
  proceed();
}

void conversation::on_passivate() {
  const bool busy = loading_ || looking_up_ > 0 || !waiting_.empty() || !held_.empty() ||
                    !typists_.empty() || dealings_.is_asking() || state_.under_way() ||
                    state_.last_position() > context_->marks->applied();
  tell(this, context_->handles->directory, passivated{id_, !busy});
  offered_to_go_ = false;
  if (!busy)
    quit();
}

void conversation::offer_to_go() {
  if (state_.exists() || state_.under_way() || !waiting_.empty() || offered_to_go_)
    return;
  offered_to_go_ = true;
  tell(this, context_->handles->directory, went_idle{id_});
}

// --- Commands ------------------------------------------------------------------------------------

void conversation::on_ask(const request_ptr& asked) {
  waiting_.push_back(asked);
  if (!loaded_ && !loading_)
    load();
  proceed();
}

bool conversation::is_too_fast(const conversation_request& asked) {
  if (!context_->rates || !state_.is_new_message(asked.who, asked.what))
    return false;
  const auto wait = rate_.take(context_->steady_clock());
  if (wait) {
    of(context_->metrics->rate_limited, rate_kind::conversation).add();
    reply_to(asked.who, encode_error(asked.who.ref,
                                     {error_code::rate_limited, "too many messages here", wait}));
  }
  return wait.has_value();
}

// What a look-up finds is for those that wait: nothing is let go of before they had all of it.
void conversation::proceed() {
  const bool had_all = looking_up_ == 0;
  advance();
  if (had_all)
    state_.trim(context_->marks->applied(), context_->conversation_share->bytes());
}

void conversation::advance() {
  while (loaded_ && looking_up_ == 0 && !state_.failing() && !waiting_.empty()) {
    if (!take(waiting_.front()))
      break;
    waiting_.pop_front();
  }
  if (!state_.receipts_under_way() || !waiting_.empty()) // what waits may wait for these
    write_receipts();
  if (loaded_)
    offer_to_go();
}

// As if it had left memory and come back.
bool conversation::reload() {
  if (state_.under_way() || !held_.empty() || !gathered_.empty())
    return false;
  state_ = conversation_state{id_, context_->windows};
  loaded_ = false;
  load();
  return true;
}

bool conversation::take(const request_ptr& asked) {
  if (std::holds_alternative<reload_conversation>(asked->what))
    return reload();
  if (moves_cursors(asked->what)) // a block or a switch counts at once
    state_.doubt(asked->who.user,
                 context_->marks->dealings.newest(membership_marks::group_of(asked->who.user)));
  if (is_about_receipts(asked->what))
    write_receipts(); // it comes behind them
  const auto until = only_reads(asked->what) ? state_.must_wait_for(asked->what) : std::nullopt;
  if (until) {
    held_.push_back({*until, asked});
    return true;
  }
  if (names_erased(asked->what, *context_->erasing) &&
      !state_.may_be_retry(asked->who, asked->what)) { // or it gets its first answer
    carry_out(asked, say{encode_error(asked->who.ref, erased_refusal())});
    return true;
  }
  if (is_too_fast(*asked))
    return true;
  const auto named = without_erased(asked->what, *context_->erasing);
  return carry_out(asked,
                   state_.decide(asked->who, named ? *named : asked->what, context_->wall_clock()));
}

// False when the command has to be decided again.
bool conversation::carry_out(const request_ptr& asked, verdict decided) {
  return std::visit(
      [&](auto& what) {
        using kind = std::decay_t<decltype(what)>;
        constexpr bool looks_up =
            std::is_same_v<kind, look_up> || std::is_same_v<kind, look_up_receipt> ||
            std::is_same_v<kind, look_up_message> || std::is_same_v<kind, look_up_invited> ||
            std::is_same_v<kind, look_up_files> || std::is_same_v<kind, look_up_profile>;
        if constexpr (std::is_same_v<kind, look_up_message> ||
                      std::is_same_v<kind, look_up_invited> ||
                      std::is_same_v<kind, look_up_files> || std::is_same_v<kind, look_up_profile>)
          start_look_up(what);
        else if constexpr (looks_up)
          start_look_up();
        else if constexpr (!std::is_same_v<kind, wait>)
          carry_out(asked, std::move(what));
        return !looks_up && !std::is_same_v<kind, wait>;
      },
      decided);
}

void conversation::carry_out(const request_ptr& asked, say verdict) {
  const asker& who = asked->who;
  answer told{who.session.number, std::move(verdict.envelope), {}, {}, {}};
  if (verdict.fills_gap && verdict.last.value() > 0) {
    told.pulled = id_;
    told.pulled_first = verdict.first;
    told.pulled_last = verdict.last;
  }
  tell(this, context_->handles->shards[who.session.shard], std::move(told));
  settle(*asked);
}

void conversation::carry_out(const request_ptr& asked, propose verdict) {
  failpoint("conversation.before_append");
  under_way_.emplace_back(verdict.number, std::vector{asked});
  if (verdict.what->kind == record_kind::message)
    end_typing(asked->who.user, pace()); // the message says it
  if (verdict.what->left)
    end_typing(*verdict.what->left, typing_pace::at_once); // before they are gone
  tell(this, context_->handles->log_writer,
       append{handle_of<conversation_actor>(this),
              verdict.number,
              std::move(verdict.what),
              {reply{asked->who.session, std::move(verdict.ack)}}});
}

// Whoever asked has an answer with the last one.
void conversation::carry_out(const request_ptr& asked, propose_all verdict) {
  propose last = std::move(verdict.all.back());
  verdict.all.pop_back();
  for (auto& each : verdict.all) {
    under_way_.emplace_back(each.number, std::vector<request_ptr>{});
    tell(this, context_->handles->log_writer,
         append{handle_of<conversation_actor>(this), each.number, std::move(each.what), {}});
  }
  carry_out(asked, std::move(last));
}

void conversation::carry_out(const request_ptr& asked, gather) {
  gathered_.push_back(asked);
  if (state_.receipts_gathered() >= limits::receipts_per_record)
    write_receipts();
}

void conversation::write_receipts() {
  auto record = state_.write_receipts(context_->wall_clock());
  if (!record)
    return;
  append moves{handle_of<conversation_actor>(this), record->number, std::move(record->what), {}};
  moves.acks.reserve(gathered_.size());
  for (const auto& each : gathered_)
    moves.acks.push_back({each->who.session, encode_ok(each->who.ref)});
  under_way_.emplace_back(moves.number, std::exchange(gathered_, {}));
  tell(this, context_->handles->log_writer, std::move(moves));
}

void conversation::carry_out(const request_ptr& asked, const inquire& verdict) {
  position at_least = verdict.at_least;
  if (is_about_receipts(asked->what)) // who is shown depends on blocks, which are not this one's
    at_least = std::max(
        at_least, context_->marks->dealings.newest(membership_marks::group_of(asked->who.user)));
  tell(this, context_->handles->reader, read_inquiry{verdict.what, at_least, asked->who});
}

void conversation::carry_out(const request_ptr& asked, const fetch& verdict) {
  tell(
      this, context_->handles->reader,
      read_page{id_, verdict.range, verdict.head, verdict.fills_gap, verdict.at_least, asked->who});
}

void conversation::carry_out(const request_ptr& asked, const whisper& verdict) {
  hear_typing(asked->who.user, verdict.active);
  reply_to(asked->who, encode_ok(asked->who.ref));
}

void conversation::settle(const conversation_request& asked) {
  if (asked.creation_scope)
    tell(this, context_->handles->directory, creation_settled{*asked.creation_scope});
}

void conversation::reply_to(const asker& who, std::string envelope) {
  tell(this, context_->handles->shards[who.session.shard],
       answer{who.session.number, std::move(envelope), {}, {}, {}});
}

void conversation::fail_waiting(const failure& why) {
  for (const auto& each : std::exchange(waiting_, {})) {
    reply_to(each->who, encode_error(each->who.ref, why));
    settle(*each);
  }
}

void conversation::fail_one(const request_ptr& asked, const failure& why) {
  waiting_.erase_if([&](const request_ptr& each) { return each == asked; });
  reply_to(asked->who, encode_error(asked->who.ref, why));
  settle(*asked);
}

// --- Idempotency ---------------------------------------------------------------------------------

void conversation::start_look_up() {
  look_up_keys();
  look_up_receipts();
}

void conversation::look_up_keys() {
  state_.begin_look_up();
  keys_looked_up_.clear();
  position at_least;
  for (const auto& each : waiting_) {
    auto key = state_.key_to_look_up(each->who, each->what);
    if (!key)
      continue;
    if (key->scope != id_) // another conversation may have just written it
      at_least = context_->marks->committed();
    keys_looked_up_.push_back(std::move(*key));
    if (keys_looked_up_.size() == rows_per_look_up)
      break;
  }
  if (keys_looked_up_.empty())
    return;
  ++looking_up_;
  tell(this, context_->handles->reader,
       find_keys{keys_looked_up_, at_least, handle_of<conversation_actor>(this)});
}

// Whatever moved since the conversation was loaded is at hand, unless it was left out; then it is
// in the log up to the last position.
void conversation::look_up_receipts() {
  receipts_looked_up_.clear();
  std::unordered_set<user_id> users;
  for (const auto& each : waiting_) {
    if (state_.needs_receipt(each->who, each->what))
      users.insert(each->who.user);
    if (users.size() == rows_per_look_up)
      break;
  }
  if (users.empty())
    return;
  receipts_looked_up_.assign(users.begin(), users.end());
  ++looking_up_;
  tell(this, context_->handles->reader,
       find_receipts{id_, receipts_looked_up_,
                     std::max(state_.last_position(), context_->marks->dealings.newest()),
                     handle_of<conversation_actor>(this)});
}

void conversation::on_keys_found(const keys_found& message) {
  --looking_up_;
  if (!message.found)
    return fail_waiting(message.found.error());
  for (std::size_t i = 0; i < keys_looked_up_.size(); ++i)
    state_.learn(keys_looked_up_[i], (*message.found)[i]);
  proceed();
}

// Those who come later are looked up again.
user_list_ptr conversation::members_apart(const dealings& dealt) const {
  const auto all = sorted_apart(dealt);
  if (!all || state_.members().size() > limits::receipt_audience) // then nobody else is told
    return nullptr;
  std::vector<user_id> here;
  for (const auto& each : *all)
    if (state_.members().contains(each))
      here.push_back(each);
  return here.empty() ? nullptr : std::make_shared<const std::vector<user_id>>(std::move(here));
}

// Whoever was asked about is a member, and every member has cursors.
void conversation::on_receipts_found(const receipts_found& message) {
  --looking_up_;
  if (!message.found)
    return fail_waiting(message.found.error());
  for (std::size_t i = 0; i < receipts_looked_up_.size(); ++i) {
    const auto& found = (*message.found)[i];
    if (!found)
      return fail_waiting({error_code::internal, "a member's cursors are missing", {}});
    const dealings& dealt = found->dealt;
    state_.learn(receipts_looked_up_[i], found->cursors,
                 {dealt.is_complete, dealt.shows_reads, members_apart(dealt), dealt.as_of});
  }
  proceed();
}

// --- Messages ------------------------------------------------------------------------------------

// One that waits behind others, which may be about the same message, so it is the only one.
void conversation::start_look_up(const look_up_message& verdict) {
  ++looking_up_;
  message_looked_up_ = verdict.what;
  message_asked_by_ = waiting_.front();
  tell(this, context_->handles->reader,
       find_message{id_, verdict.what, verdict.at_least, handle_of<conversation_actor>(this)});
}

void conversation::on_message_found(const message_found& message) {
  --looking_up_;
  if (message.found)
    state_.learn(message_looked_up_, *message.found);
  else
    fail_one(message_asked_by_, message.found.error());
  message_asked_by_.reset();
  proceed();
}

// --- Invitations ---------------------------------------------------------------------------------

// Others may have invited them just now.
void conversation::start_look_up(const look_up_invited& verdict) {
  ++looking_up_;
  invited_looked_up_ = verdict;
  message_asked_by_ = waiting_.front();
  tell(this, context_->handles->reader,
       find_invited{verdict.users, verdict.by, verdict.counts, context_->marks->committed(),
                    handle_of<conversation_actor>(this)});
}

void conversation::on_invited_found(const invited_found& message) {
  --looking_up_;
  if (message.found)
    state_.learn(std::move(invited_looked_up_), *message.found);
  else
    fail_one(message_asked_by_, message.found.error());
  message_asked_by_.reset();
  proceed();
}

// Likewise.
void conversation::start_look_up(const look_up_files& verdict) {
  ++looking_up_;
  message_asked_by_ = waiting_.front();
  const auto tell_us = [self = handle_of<conversation_actor>(this),
                        verdict](result<std::vector<stored_file>> found) {
    tell_from_outside(self, files_found{verdict.files, verdict.by, std::move(found)});
  };
  tell(this, context_->handles->reader,
       read_files{find_files{verdict.files, tell_us}, context_->marks->committed()});
}

void conversation::on_files_found(const files_found& message) {
  --looking_up_;
  if (message.found)
    state_.learn(look_up_files{message.files, message.by}, *message.found);
  else
    fail_one(message_asked_by_, message.found.error());
  message_asked_by_.reset();
  proceed();
}

// --- Profiles ------------------------------------------------------------------------------------

void conversation::start_look_up(const look_up_profile& verdict) {
  ++looking_up_;
  message_asked_by_ = waiting_.front();
  const auto tell_us =
      [self = handle_of<conversation_actor>(this)](const result<user_profile>& found) {
        tell_from_outside(self, profile_found{found});
      };
  tell(this, context_->handles->reader,
       find_profile{verdict.user, context_->marks->committed(), tell_us});
}

void conversation::on_profile_found(const profile_found& message) {
  --looking_up_;
  if (message.found)
    state_.learn(*message.found);
  else
    fail_one(message_asked_by_, message.found.error());
  message_asked_by_.reset();
  proceed();
}

void conversation::tell_settled() {
  for (const auto& each : state_.take_settled()) {
    const notification_change& told = *each->told;
    if (told.profile || told.settings.last_seen)
      tell(this, context_->handles->presences,
           person_changed{each->actor, told.profile, told.settings.last_seen});
  }
}

// --- The log's answers ---------------------------------------------------------------------------

void conversation::on_appended(const appended& message) {
  failpoint("conversation.appended");
  state_.appended(message.last, message.at);
  while (!under_way_.empty() && under_way_.front().first <= message.last) {
    for (const auto& asked : under_way_.front().second)
      settle(*asked);
    under_way_.pop_front();
  }
  tell_settled();
  release_reads(message.last);
  if (context_->handles->trimmer && state_.take_trim_note(context_->retention))
    tell(this, context_->handles->trimmer, trim_noted{id_});
  proceed();
}

void conversation::on_append_failed(const append_failed& message) {
  state_.failed(message.number);
  auto found = std::find_if(under_way_.begin(), under_way_.end(),
                            [&](const auto& each) { return each.first == message.number; });
  if (found != under_way_.end()) {
    const std::vector<request_ptr> all = std::move(found->second);
    under_way_.erase(found);
    for (const auto& asked : all) {
      reply_to(asked->who, encode_error(asked->who.ref, message.why));
      settle(*asked);
    }
  }
  if (!state_.under_way())
    release_reads(append_number{UINT64_MAX});
  advance();
}

void conversation::release_reads(append_number up_to) {
  while (!held_.empty() && held_.front().until <= up_to) {
    const request_ptr asked = std::move(held_.front().asked);
    held_.pop_front();
    if (!carry_out(asked, state_.decide(asked->who, asked->what, context_->wall_clock())))
      waiting_.push_front(asked);
  }
}

} // namespace parley
