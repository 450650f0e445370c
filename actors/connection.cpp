// Greets, then routes: conversations' commands to the directory, lists to the reader, what is about
// presence to the presences.
#include "actors/connection.hpp"

#include <utility>

#include "actors/encoding.hpp"
#include "actors/limits_people.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "actors/rules.hpp"

namespace parley {

namespace {

failure is_being_erased() { return {error_code::forbidden, "this user is being erased", {}}; }

} // namespace

connection::connection(caf::actor_config& config, context_ptr context, session_address session,
                       std::optional<std::string> bearer)
    : connection_actor::base(config), context_(std::move(context)), session_(session) {
  if (bearer)
    brought_ = std::make_unique<std::variant<std::string, identity>>(std::move(*bearer));
  context_->metrics->connections.add(1);
}

connection::connection(caf::actor_config& config, context_ptr context, session_address session,
                       identity who)
    : connection(config, std::move(context), session, std::optional<std::string>{}) {
  know(std::move(who));
}

connection::connection(caf::actor_config& config, context_ptr context, session_address session,
                       vouched_identity who)
    : connection(config, std::move(context), session, std::optional<std::string>{}) {
  brought_ = std::make_unique<std::variant<std::string, identity>>(std::move(who.who));
}

connection::behavior_type connection::make_behavior() {
  return {
      [this](command_received& message) { on_command(message.asked); },
      [this](const connection_closed&) { quit(); },
      [this](const screened& message) { on_screened(message); },
  };
}

// Sent as from outside: an actor that ends sends nothing itself.
void connection::on_exit() {
  context_->metrics->connections.add(-1);
  if (!watched_.empty())
    tell_from_outside(
        context_->handles->presences,
        presence_asked{as_asker({}), unwatch_users{{watched_.begin(), watched_.end()}}});
  watched_.clear();
}

void connection::on_command(envelope& asked) {
  if (phase_ == phase::known) {
    if (!is_by_erased(asked) && !is_too_fast(asked.ref))
      take(asked);
    return;
  }
  if (const auto* greeting = std::get_if<hello>(&asked.what))
    return greet(asked.ref, *greeting);
  refuse_hello(asked.ref, {error_code::unauthenticated, "say `hello` first", {}});
}

// Whom a command names is for conversations to look at: it may be a retry.
bool connection::is_by_erased(const envelope& asked) {
  const erasing_users& erasing = *context_->erasing;
  if (erasing.contains(who_.user)) {
    tell(
        this, shard(),
        refuse{session_.number, encode_error(asked.ref, is_being_erased()), error_code::forbidden});
    return true;
  }
  return false;
}

bool connection::is_too_fast(const reference& ref, std::size_t commands) {
  std::optional<std::chrono::milliseconds> wait;
  if (rate_ && commands > 0)
    wait = rate_->take(context_->steady_clock(), commands);
  if (wait) {
    of(context_->metrics->rate_limited, rate_kind::user).add();
    reply(encode_error(ref, {error_code::rate_limited, "too many commands of this user", wait}));
  }
  return wait.has_value();
}

// --- What an application may say of it -----------------------------------------------------------

// What comes behind a message that is looked at waits for it, since commands take effect in order.
void connection::take(envelope& asked) {
  const bool is_screened = context_->handles->screener != nullptr;
  auto message = is_screened ? held_commands::screened(asked.what, who_.user) : std::nullopt;
  if (!message && (!held_ || held_->empty()))
    return serve(asked);
  if (!held_)
    held_ = std::make_unique<held_commands>();
  if (!message)
    return held_->hold(std::move(asked));
  const std::uint64_t number = held_->hold_message(std::move(asked));
  const auto self = handle_of<connection_actor>(this);
  tell(this, context_->handles->screener,
       screen{number, std::make_shared<const screened_message>(std::move(*message)), self});
  tell_later(this, self, context_->handles->screening.patience,
             screened{number, failure{error_code::unavailable, "no answer in time", {}}});
}

void connection::on_screened(const screened& message) {
  if (!message.verdict && message.verdict.error().code == error_code::overloaded) {
    if (held_->refuse(message.number, {error_code::rate_limited, "too many messages at once",
                                       limits::screening_retry}))
      go_on(); // also where others are sent unscreened, or many would be a way past the screen
    return;
  }
  if (!message.verdict)
    return go_on_unscreened(message.number, message.verdict.error().message);
  if (!is_in_bounds(*message.verdict))
    return go_on_unscreened(message.number, "what it says could not be sent: too long, or empty");
  if (!held_->settle(message.number, *message.verdict))
    return; // it comes too late
  of(context_->metrics->screened, message.verdict->what).add();
  go_on();
}

void connection::go_on_unscreened(std::uint64_t number, const std::string& why) {
  const screening_policy& policy = context_->handles->screening;
  if (!held_->settle_unscreened(number, policy))
    return;
  context_->metrics->screenings_failed.add();
  if (const auto others = policy.told->pass(context_->steady_clock()))
    context_->log->warn("screening_failed reason={} others={}", in_quotes(why), *others);
  go_on();
}

void connection::go_on() {
  while (auto asked = held_->next())
    if (!is_by_erased(*asked)) // nobody was when they asked
      serve(*asked);
}

void connection::serve(envelope& asked) {
  std::visit([&](auto& what) { serve(asked.ref, what); }, asked.what);
}

// --- Who is it -----------------------------------------------------------------------------------

void connection::greet(const reference& ref, const hello& what) {
  auto who = authenticate(what.token);
  if (!who)
    return refuse_hello(ref, who.error());
  if (context_->erasing->contains(who->user))
    return tell(
        this, shard(),
        refuse{session_.number, encode_error(ref, is_being_erased()), error_code::forbidden});
  who->device = what.device.value_or(device_id{context_->random_id()});
  device_ = what.device;
  brought_.reset();
  know(std::move(*who));
  introduce();
  tell(this, context_->handles->presences, arrived{session_, who_, ref, what.since});
}

void connection::know(identity who) {
  who_ = std::move(who);
  if (context_->rates && !who_.operates) // whoever is kicked may be too fast
    rate_ = context_->rates->of(who_.user, context_->steady_clock());
  phase_ = phase::known;
}

result<identity> connection::authenticate(const std::optional<std::string>& token) {
  if (brought_ && std::holds_alternative<identity>(*brought_))
    return std::get<identity>(std::move(*std::exchange(brought_, nullptr)));
  if (token && brought_)
    return failure{error_code::bad_request, "the upgrade carried a token; leave `token` out", {}};
  if (!token && !brought_)
    return failure{error_code::unauthenticated, "a token is needed", {}};
  return context_->authenticate(token ? *token : std::get<std::string>(*brought_),
                                context_->wall_clock());
}

void connection::refuse_hello(const reference& ref, const failure& why) {
  tell(this, shard(), refuse{session_.number, encode_error(ref, why), error_code::unauthenticated});
}

void connection::serve(const reference& ref, refresh& what) {
  auto renewed = context_->authenticate(what.token, context_->wall_clock());
  if (!renewed)
    return reply(encode_error(ref, renewed.error()));
  if (renewed->user != who_.user)
    return fail(ref, error_code::forbidden, "the token is another user's");
  who_.expires_at = renewed->expires_at;
  who_.admin = renewed->admin;
  tell(this, shard(), renew{session_.number, who_.expires_at});
  reply(encode_ok(ref));
}

void connection::serve(const reference& ref, hello&) {
  fail(ref, error_code::bad_request, "`hello` was said already");
}

// --- Where it goes -------------------------------------------------------------------------------

void connection::serve(const reference& ref, ping&) {
  const bool wanted = !std::holds_alternative<std::monostate>(ref);
  reply(wanted ? map_writer{"pong", ref}.take() : std::string{});
}

void connection::serve(const reference& ref, create& what) {
  if (auto valid = rules::validate(what, who_.user); !valid)
    return reply(encode_error(ref, valid.error()));
  conversation_request made{
      rules::id_of(what, who_.user, context_->random_id()), as_asker(ref), {}, {}};
  if (what.client)
    made.creation_scope = rules::creation_scope(who_.user, *what.client);
  made.what = std::move(what);
  route(std::move(made));
}

void connection::serve(const reference& ref, list_conversations& what) {
  tell(this, context_->handles->reader,
       read_list{what, context_->wall_clock(), context_->marks->committed(), as_asker(ref)});
}

// As dear as many lists, too.
void connection::serve(const reference& ref, list_notifications& what) {
  if (!is_too_fast(ref, limits::commands_of_a_search - 1))
    ask_for_own(ref, what);
}

template <class List>
void connection::ask_for_own(const reference& ref, List& what) {
  tell(this, context_->handles->reader,
       read_own_list{std::move(what), context_->marks->committed(), as_asker(ref)});
}

// As dear as many lists.
void connection::serve(const reference& ref, get_totals&) {
  if (is_too_fast(ref, limits::commands_of_a_search - 1))
    return;
  tell(this, context_->handles->reader,
       read_totals{context_->wall_clock(), context_->marks->committed(), as_asker(ref)});
}

void connection::serve(const reference& ref, set_notifications& what) {
  if (auto valid = rules::validate(what); !valid)
    return reply(encode_error(ref, valid.error()));
  route({rules::id_of_book(who_.user), as_asker(ref), std::move(what), {}});
}

void connection::serve(const reference& ref, dismiss_notifications& what) {
  route({rules::id_of_book(who_.user), as_asker(ref), std::move(what), {}});
}

// Nearly always they have a profile, so that is looked at first. Asked by no session, so that
// nobody is answered.
void connection::introduce() {
  const auto name = std::exchange(who_.name, nullptr);
  if (!name)
    return;
  auto asked = std::make_shared<const conversation_request>(conversation_request{
      rules::id_of_book(who_.user), {who_.user, {}, {}}, introduce_user{*name, {}}, {}});
  const auto go_on = [directory = context_->handles->directory, erasing = context_->erasing,
                      asked](const result<user_profile>& found) {
    if (found && found->at == timestamp{} && !erasing->contains(asked->who.user))
      tell_from_outside(directory, ask{asked});
  };
  tell(this, context_->handles->reader,
       find_profile{who_.user, context_->marks->committed(), go_on});
}

void connection::serve(const reference& ref, set_profile& what) {
  if (auto valid = rules::validate(what); !valid)
    return reply(encode_error(ref, valid.error()));
  route({rules::id_of_book(who_.user), as_asker(ref), std::move(what), {}});
}

void connection::serve(const reference& ref, get_profile& what) {
  if (what.user && what.users)
    return fail(ref, error_code::bad_request, "use one of `user` and `users`");
  const std::size_t users = what.users ? what.users->size() : 1;
  if (users > limits::profiles_per_question)
    return fail(ref, error_code::too_large, "at most 100 profiles at once");
  if (!is_too_fast(ref, users / limits::watched_per_command))
    ask_for_own(ref, what);
}

// Where their direct conversation is, or would be, all that these two say to each other is decided.
template <class Command>
void connection::settle_block(const reference& ref, Command& what) {
  if (what.user == who_.user)
    return fail(ref, error_code::bad_request, "nobody blocks themselves");
  conversation_id pair = rules::id_of_pair(who_.user, what.user);
  route({std::move(pair), as_asker(ref), std::move(what), {}});
}

// Counting looks at every member.
void connection::serve(const reference& ref, get_receipts& what) {
  if (what.counts.value_or(false) && is_too_fast(ref, limits::commands_of_a_search - 1))
    return;
  conversation_id to = what.conversation;
  route({std::move(to), as_asker(ref), std::move(what), {}});
}

// A search looks at thousands of messages where a page looks at a hundred.
void connection::serve(const reference& ref, search_messages& what) {
  if (is_too_fast(ref, limits::commands_of_a_search - 1))
    return;
  if (!context_->handles->indexer)
    return fail(ref, error_code::unavailable, "there is no search");
  tell(this, context_->handles->indexer,
       read_search{std::move(what), context_->marks->committed(), as_asker(ref)});
}

void connection::serve(const reference& ref, get_file& what) {
  if (!context_->addresses)
    return fail(ref, error_code::not_found, "no such file");
  const timestamp until = context_->wall_clock() + limits::file_address_life;
  const auto tell_them = [shard = shard(), session = session_.number, ref, until,
                          url = context_->addresses->sign(what.file, who_.user, until)](
                             const result<file_facts>& found) {
    const bool wanted = !std::holds_alternative<std::monostate>(ref);
    answer told{session, {}, {}, {}, {}};
    if (!found || wanted)
      told.envelope =
          found ? encode_file(ref, *found, url, until) : encode_error(ref, found.error());
    tell_from_outside(shard, std::move(told));
  };
  tell(this, context_->handles->reader,
       read_files{find_readable{what.file, who_.user, context_->wall_clock(), tell_them},
                  context_->marks->committed()});
}

// Whether the conversation is there, too, is for administrators to know.
void connection::serve(const reference& ref, hold_conversation& what) {
  if (!who_.admin)
    return fail(ref, error_code::forbidden, "this is for administrators");
  conversation_id to = what.conversation;
  route({std::move(to), as_asker(ref), std::move(what), {}});
}

void connection::serve(const reference& ref, list_holds& what) {
  if (!who_.admin)
    return fail(ref, error_code::forbidden, "this is for administrators");
  ask_for_own(ref, what);
}

void connection::serve(const reference& ref, set_presence& what) {
  ask_presence(ref, std::move(what));
}

void connection::serve(const reference& ref, list_sessions& what) { ask_presence(ref, what); }

void connection::serve(const reference& ref, end_session& what) {
  if (what.session.has_value() == what.all.value_or(false))
    return fail(ref, error_code::bad_request, "use one of `session` and `all`: true");
  ask_presence(ref, std::move(what));
}

void connection::serve(const reference& ref, watch_users& what) {
  if (is_too_fast(ref, what.users.size() / limits::watched_per_command))
    return;
  std::set<user_id> all{what.users.begin(), what.users.end()};
  what.users.assign(all.begin(), all.end()); // each of them once
  all.insert(watched_.begin(), watched_.end());
  if (all.size() > limits::watched_per_session)
    return fail(ref, error_code::too_large, "too many users are watched by this session");
  watched_.swap(all);
  ask_presence(ref, std::move(what));
}

void connection::serve(const reference& ref, unwatch_users& what) {
  if (is_too_fast(ref, what.users.size() / limits::watched_per_command))
    return;
  for (const auto& user : what.users)
    watched_.erase(user);
  ask_presence(ref, std::move(what));
}

template <class Command>
void connection::serve(const reference& ref, Command& what) {
  conversation_id to = what.conversation;
  route({std::move(to), as_asker(ref), std::move(what), {}});
}

// A device without a name of its own is another one the next time: nothing is kept of it.
template <class Command>
void connection::move_cursor(const reference& ref, Command& what) {
  what.device = device_;
  conversation_id to = what.conversation;
  route({std::move(to), as_asker(ref), std::move(what), {}});
}

void connection::serve(const reference& ref, mark_delivered& what) { move_cursor(ref, what); }

void connection::serve(const reference& ref, mark_read& what) { move_cursor(ref, what); }

void connection::serve(const reference& ref, mark_unread& what) { move_cursor(ref, what); }

void connection::route(conversation_request asked) {
  tell(this, context_->handles->directory,
       ask{std::make_shared<const conversation_request>(std::move(asked))});
}

void connection::ask_presence(const reference& ref, presence_command what) {
  tell(this, context_->handles->presences, presence_asked{as_asker(ref), std::move(what)});
}

void connection::reply(std::string envelope) {
  tell(this, shard(), answer{session_.number, std::move(envelope), {}, {}, {}});
}

void connection::fail(const reference& ref, error_code code, std::string message) {
  reply(encode_error(ref, {code, std::move(message), {}}));
}

} // namespace parley
