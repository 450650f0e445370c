// Random commands out, envelopes in, everything reported to the oracle.
#include "tests/support/simulation/device.hpp"

#include <algorithm>

#include "tests/support/unpack.hpp"

namespace parley::test {

namespace {

template <class Range>
const auto& pick(random_source& random, const Range& from) {
  return *std::next(from.begin(), static_cast<std::ptrdiff_t>(random() % from.size()));
}

sequence number(const nlohmann::json& value) { return sequence{value.get<std::uint64_t>()}; }

/// So that conversations outgrow what is kept of them in memory.
constexpr std::size_t few_conversations = 6;

/// Mostly short, now and then as large as the slow need to fall behind.
std::string some_body(random_source& random) {
  return std::string(random() % 8 == 0 ? 12'000 + random() % 4'000 : 1 + random() % 200, 'x');
}

/// Now and then somebody, whether they are there or not.
std::vector<user_id> some_mentions(random_source& random, const std::vector<user_id>& users) {
  if (random() % 3 != 0)
    return {};
  return {pick(random, users), users.back()};
}

/// A few messages go by themselves after some seconds; a retry says the same.
std::optional<std::uint64_t> expiry_of(const client_id& client) {
  const auto number = std::stoull(client.str());
  return number % 9 == 0 ? std::optional{1 + number % 20} : std::nullopt;
}

/// Some answer one of the first messages in a thread, or try to.
std::optional<std::uint64_t> thread_of(const client_id& client) {
  const auto number = std::stoull(client.str());
  return number % 7 == 0 ? std::optional{2 + number % 5} : std::nullopt;
}

bool is_event(const std::string& type) {
  return type == "message" || type == "joined" || type == "left" || type == "changed" ||
         type == "deleted" || type == "edited" || type == "reaction" || type == "pinned" ||
         type == "invited" || type == "uninvited";
}

} // namespace

void device::attach(engine_in_memory& engine, std::size_t shard) {
  engine_ = &engine;
  shard_ = shard;
  session_ = 0;
  asked_.clear();
}

void device::connect(bool resume) {
  session_ = engine_->shard(shard_).open();
  asked_.clear();
  shown_.clear();
  view_.connected();
  resuming_ = resume && cursor_;
  hello greeting{view_.user().str(), device_id{"d"}, {}};
  if (resuming_)
    greeting.since = cursor_;
  command(greeting);
}

void device::disconnect() {
  engine_->shard(shard_).close(session_);
  session_ = 0;
}

void device::command(parley::command what) {
  const std::int64_t ref = next_ref_++;
  asked_.emplace(ref, what);
  engine_->shard(shard_).say(session_, {ref, std::move(what)});
}

void device::post(const posted& what) {
  run_.sends.invoked(what.conversation, {view_.user(), what.client}, run_.step);
  unanswered_.insert_or_assign(what.client, what);
  send_message sent{what.conversation, what.client, what.body};
  sent.expires_in = expiry_of(what.client);
  sent.thread = thread_of(what.client);
  if (!what.mentions.empty())
    sent.mentions = what.mentions;
  command(std::move(sent));
}

void device::act(random_source& random, const std::vector<user_id>& users) {
  const std::uint64_t dice = random() % 100;
  if (run_.conversations.empty() || (dice < 3 && run_.conversations.size() < few_conversations)) {
    create what;
    what.members = {pick(random, users), pick(random, users)};
    if (random() % 2)
      what.client = client_id{"make" + std::to_string(random() % 5)};
    return command(what);
  }
  if (random() % 50 == 0)
    return block_or_unblock(random, users);
  const auto mine = run_.all.conversations_of(view_.user());
  const conversation_id where = // mostly one in which something can be done
      mine.empty() || random() % 4 == 0 ? pick(random, run_.conversations) : pick(random, mine);
  if (random() % 5 == 0)
    return change_message(random, where, users);
  if (random() % 12 == 0)
    return invite_or_answer(random, where, users);
  if (dice < 24)
    return move_cursor(random, where, dice);
  if (dice == 24 && random() % 2)
    return watch(users);
  if (dice < 25)
    return command(mark_read{where, run_.all.head(where).value(),
                             client_id{"read" + std::to_string(random() % 50)}});
  if (dice == 25 && random() % 4 == 0)
    return command(erase{where, {}, {}, client_id{"delete" + where.str()}});
  if (dice < 26)
    return command(get_receipts{where, 1 + random() % 50});
  if (dice < 55)
    return post({where, client_id{std::to_string(run_.next_client++)}, some_body(random),
                 some_mentions(random, users)});
  if (dice < 65 && !answered_.empty())
    return post(pick(random, answered_)); // a retry, however old
  if (dice < 68) {
    create what{conversation_kind::direct, pick(random, users), {}, {}, {}};
    if (random() % 2)
      what.client = client_id{"make" + std::to_string(random() % 5)};
    return command(what);
  }
  if (dice < 73)
    return command(add_members{
        where, {pick(random, users)}, {}, client_id{"add" + std::to_string(random() % 50)}});
  if (dice < 77)
    return command(remove_member{where, pick(random, users), {}});
  if (dice < 79)
    return command(leave{where, {}});
  if (dice < 80)
    return command(change_role{where, pick(random, users), static_cast<role>(random() % 4)});
  if (dice < 81)
    return update(random, where);
  if (dice < 84)
    return command(history{where, {}, {}, random() % 50, random() % 20});
  if (dice < 88)
    return command(history{where, random() % 50, {}, {}, {}});
  if (dice < 92)
    return command(sync_events{where, random() % 50, random() % 20});
  if (dice < 95)
    return command(list_conversations{random() % 5, {}});
  if (dice < 97)
    return command(get_members{where, {}, {}});
  return pull_gaps();
}

void device::move_cursor(random_source& random, const conversation_id& where, std::uint64_t dice) {
  if (dice < 12)
    return command(mark_delivered{where, run_.all.head(where).value() + random() % 2});
  if (dice < 22) {
    const std::uint64_t head = run_.all.head(where).value();
    mark_read what{where, head - random() % std::min<std::uint64_t>(head + 1, 4)};
    what.in_private = random() % 3 == 0;
    return command(what);
  }
  run_.marked_unread.insert({view_.user(), where});
  command(mark_unread{where, 1 + random() % (run_.all.head(where).value() + 1)});
}

/// What it is called, and now and then how many messages it keeps.
void device::update(random_source& random, const conversation_id& where) {
  update_conversation what{where, "title " + std::to_string(random() % 3)};
  if (random() % 2)
    what.retention = retention_bounds{0, random() % 4 * 4};
  command(std::move(what));
}

/// Everyone has one other user to fall out with, so that most pairs never do.
void device::block_or_unblock(random_source& random, const std::vector<user_id>& users) {
  const auto mine = std::find(users.begin(), users.end(), view_.user()) - users.begin();
  const auto theirs = static_cast<std::size_t>(mine) ^ 1U;
  if (theirs >= users.size())
    return;
  const user_id& other = users[theirs];
  const auto named =
      random() % 2 ? std::optional{client_id{"fall" + std::to_string(random() % 9)}} : std::nullopt;
  if (random() % 3 == 0)
    return command(block_user{other, named});
  command(unblock_user{other, named});
}

/// Invites somebody, or says something to an invitation, whether there is one or not.
void device::invite_or_answer(random_source& random, const conversation_id& where,
                              const std::vector<user_id>& users) {
  const auto named = [&](const std::string& what) {
    return random() % 2 ? std::optional{client_id{what + std::to_string(random() % 50)}}
                        : std::nullopt;
  };
  const auto invited = run_.all.invited_to(view_.user()); // mostly one that is there
  const conversation_id& to = invited.empty() || random() % 4 == 0 ? where : invited.front();
  switch (random() % 8) {
  case 0:
    return command(uninvite_user{where, pick(random, users), named("uninvite")});
  case 1:
    return command(decline_invitation{to, named("decline")});
  case 2:
  case 3:
    return command(accept_invitation{to, named("accept")});
  case 4:
    return command(list_invitations{random() % 3, {}});
  default:
    return command(
        invite_users{where, {pick(random, users), pick(random, users)}, {}, named("invite")});
  }
}

/// Mostly one's own newest message of some, else any of the newest events.
std::uint64_t device::some_message(random_source& random, const conversation_id& where) const {
  const std::uint64_t head = run_.all.head(where).value();
  const std::uint64_t from = head - std::min<std::uint64_t>(random() % 12, head);
  for (std::uint64_t seq = from; seq > 0 && random() % 16 != 0; --seq)
    if (const auto* event = run_.all.find(where, sequence{seq});
        event->kind == record_kind::message && event->actor == view_.user() && !event->buried)
      return seq;
  return from;
}

void device::change_message(random_source& random, const conversation_id& where,
                            const std::vector<user_id>& users) {
  const std::uint64_t message = some_message(random, where);
  const auto named = [&](const std::string& what) {
    return random() % 2 ? std::optional{client_id{what + std::to_string(random() % 50)}}
                        : std::nullopt;
  };
  switch (random() % 8) {
  case 0:
  case 1:
    return command(edit_message{
        where, message, some_body(random),
        random() % 2 ? std::optional{some_mentions(random, users)} : std::nullopt, named("edit")});
  case 2:
    return command(erase{where, message, random() % 2 ? audience::me : audience::everyone,
                         named("erase"),
                         random() % 3 ? std::nullopt : std::optional{message + random() % 6}});
  case 3: {
    set_preferences what;
    const auto drawn = random();
    what.archived = drawn % 2 == 0;
    if (drawn % 3 == 0)
      what.hidden = drawn % 4 < 2;
    what.conversation = where;
    what.client = named("set");
    return command(std::move(what));
  }
  case 4:
    return command(pin_message{where, message, random() % 3 == 0, named("pin")});
  default:
    return command(react{where, message, "e" + std::to_string(random() % 3), random() % 3 == 0,
                         named("react")});
  }
}

void device::pull_gaps() {
  for (const auto& gap : view_.gaps())
    command(sync_events{gap.conversation, gap.first.value() - 1, {}});
}

void device::catch_up() {
  if (!is_online())
    connect(true);
  for (const auto& [client, what] : std::map{unanswered_})
    post(what);
  pull_gaps();
}

std::optional<std::string> device::owed() const {
  if (unanswered_.empty() && view_.gaps().empty())
    return std::nullopt;
  std::string all = view_.user().str() + " waits for";
  for (const auto& [client, what] : unanswered_)
    all += " " + client.str();
  for (const auto& each : view_.gaps())
    all += " gap " + each.conversation.str() + " " + std::to_string(each.first.value()) + "-" +
           std::to_string(each.last.value());
  return all;
}

void device::receive(std::size_t most) {
  if (!is_online())
    return;
  for (const auto& bytes : engine_->shard(shard_).take(session_, most))
    for (const auto& envelope : unpack_all(bytes))
      on_envelope(run_.all.as_known(envelope));
  if (engine_->shard(shard_).has_ended(session_))
    disconnect();
}

void device::on_envelope(const nlohmann::json& envelope) {
  nlohmann::json said = envelope;
  for (const auto* each : {"cursor", "epoch"}) // made of what each store draws for itself
    said.erase(each);
  run_.all.happened(said.dump());
  if (envelope.contains("ref"))
    on_answer(envelope);
  else
    on_stream(envelope);
}

position device::opened(const nlohmann::json& envelope) const {
  return engine_->cursors().open(view_.user(), envelope["cursor"].get<std::string>()).value();
}

void device::on_answer(const nlohmann::json& envelope) {
  auto asked = asked_.find(envelope["ref"].get<std::int64_t>());
  if (asked == asked_.end()) {
    run_.faults.push_back("answered twice or never asked: " + envelope.dump());
    return;
  }
  const parley::command what = std::move(asked->second);
  asked_.erase(asked);
  const std::string type = envelope["type"];
  if (type == "welcome") {
    if (!resuming_)
      view_.restarted(opened(envelope));
    cursor_ = envelope["cursor"].get<std::string>();
  } else if (const auto* sent = std::get_if<send_message>(&what)) {
    auto posted = unanswered_.find(sent->client);
    if (type == "error" && envelope["code"] == "unavailable")
      return; // not known to be lost for good: retried in the end
    if (posted != unanswered_.end()) {
      answered_.push_back(posted->second);
      unanswered_.erase(posted);
    }
    if (type == "sent")
      run_.sends.acknowledged(run_.all, sent->conversation, {view_.user(), sent->client},
                              number(envelope["seq"]), run_.step);
  } else if (const auto* read = std::get_if<mark_read>(&what); read && type == "ok") {
    // A read and the `unread` behind it may reach the disk as one move: back to where it was.
    const bool may_be_undone = run_.marked_unread.contains({view_.user(), read->conversation});
    if (!may_be_undone &&
        !run_.all.ever_read(view_.user(), read->conversation, sequence{read->seq}))
      run_.faults.push_back(view_.user().str() + " was told of a read that is not on disk at " +
                            read->conversation.str());
  } else if (type == "conversations") {
    on_list(envelope);
  } else if (type == "invitations") {
    on_invitations(envelope);
  } else if (type == "page") {
    on_page(envelope, what);
  } else if (type == "conversation") {
    const conversation_id where{envelope["conversation"].get<std::string>()};
    run_.conversations.insert(where);
    if (const auto* created = std::get_if<create>(&what))
      on_created(*created, where);
  } else if (type == "error" && envelope["code"] == "internal") {
    run_.faults.push_back("internal error: " + envelope.dump());
  }
}

void device::on_created(const create& what, const conversation_id& where) {
  if (!what.client)
    return;
  const auto [known, is_new] = run_.creations.try_emplace({view_.user(), *what.client}, where);
  if (!is_new && known->second != where)
    run_.faults.push_back("one client_id made two conversations: " + known->second.str() + " and " +
                          where.str());
}

void device::judge_presence(const std::set<user_id>& watched, const std::set<user_id>& is_there) {
  for (const auto& user : watched)
    if (!shown_.contains(user))
      run_.faults.push_back(view_.user().str() + " was never shown " + user.str());
  for (const auto& [user, status] : shown_) {
    const bool visible = is_there.contains(user) && !run_.all.blocks(user, view_.user()) &&
                         (user == view_.user() || run_.all.share(user, view_.user()));
    if (status != (visible ? "online" : "offline"))
      run_.faults.push_back(view_.user().str() + " was shown " + user.str() + " " + status);
  }
}

void device::ask_list() {
  judges_lists_ = true;
  command(list_conversations{});
  command(list_invitations{});
  for (const auto& where : run_.conversations) {
    constexpr std::uint64_t newest = 40;
    const std::uint64_t head = run_.all.head(where).value();
    command(history{where, {}, {}, {}, newest});
    command(sync_events{where, head - std::min(head, newest), newest});
  }
}

void device::on_list(const nlohmann::json& list) {
  if (!judges_lists_)
    return;
  for (const auto& item : list["items"])
    view_.listed(conversation_id{item["conversation"].get<std::string>()}, number(item["read"]),
                 item["unread"].get<std::uint64_t>());
}

void device::on_invitations(const nlohmann::json& list) {
  if (!judges_lists_ || list.contains("cursor"))
    return;
  std::set<conversation_id> told;
  for (const auto& item : list["items"])
    told.insert(conversation_id{item["conversation"].get<std::string>()});
  const auto real = run_.all.invited_to(view_.user());
  if (told != std::set<conversation_id>{real.begin(), real.end()})
    run_.faults.push_back(view_.user().str() + " was told of other invitations: " + list.dump());
}

void device::on_page(const nlohmann::json& page, const parley::command& asked) {
  const conversation_id where{page["conversation"].get<std::string>()};
  sequence last;
  for (const auto& event : page["events"]) {
    const sequence seq = number(event["seq"]);
    const bool of_history = std::holds_alternative<history>(asked);
    bool is_hole = last.value() > 0 && seq <= last;
    for (sequence each = last.next(); last.value() > 0 && each < seq; each = each.next())
      is_hole = is_hole || !of_history || !run_.all.hides(where, each, view_.user());
    if (is_hole)
      run_.faults.push_back("a page with a hole: " + page.dump());
    last = seq;
    view_.paged(where, seq, event, of_history, judges_lists_);
  }
  if (const auto* pulled = std::get_if<sync_events>(&asked); pulled && last.value() > 0)
    view_.pulled(where, sequence{pulled->after + 1}, last);
}

void device::on_stream(const nlohmann::json& envelope) {
  const std::string type = envelope["type"];
  if (is_event(type)) {
    if (++run_.streamed == run_.overlooked)
      return;
    view_.streamed(conversation_id{envelope["conversation"].get<std::string>()},
                   number(envelope["seq"]), envelope.dump());
    if (type == "deleted" && !envelope.contains("message"))
      run_.conversations.erase(conversation_id{envelope["conversation"].get<std::string>()});
  } else if (type == "invitation" || type == "invitation_over") {
    if (!run_.all.was_invited(view_.user(),
                              conversation_id{envelope["conversation"].get<std::string>()}))
      run_.faults.push_back("told of an invitation of others: " + envelope.dump());
  } else if (type == "trimmed") {
    view_.trimmed(conversation_id{envelope["conversation"].get<std::string>()},
                  number(envelope["before"]));
  } else if (type == "gap") {
    view_.named_gap(conversation_id{envelope["conversation"].get<std::string>()},
                    number(envelope["from"]), number(envelope["to"]));
  } else if (type == "presence") {
    shown_[user_id{envelope["user"].get<std::string>()}] = envelope["status"];
  } else if (type == "receipt") {
    view_.receipt_shown(conversation_id{envelope["conversation"].get<std::string>()},
                        user_id{envelope["user"].get<std::string>()},
                        told_receipt{number(envelope["delivered"]), number(envelope["read"])});
  } else if (type == "reset") {
    if (resuming_ && !run_.all.lost_an_end(view_.user()))
      run_.faults.push_back("a good cursor was answered with reset");
    if (resuming_)
      view_.restarted(opened(envelope));
  } else if (type == "checkpoint" || type == "synced") {
    cursor_ = envelope["cursor"].get<std::string>();
    view_.given_cursor(opened(envelope));
  }
}

} // namespace parley::test
