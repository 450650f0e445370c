// Checks of a simulated run, each as narrow as the promise it stands for.
#include "tests/support/simulation/oracle.hpp"

#include <algorithm>
#include <iterator>

#include "tests/support/unpack.hpp"

namespace parley::test {

namespace {

std::string at(const conversation_id& conversation, sequence seq) {
  return conversation.str() + "#" + std::to_string(seq.value());
}

} // namespace

// --- Truth ---------------------------------------------------------------------------------------

std::optional<std::string> truth::commit(const committed_batch& batch) {
  if (batch.at != last_.next())
    return "the log skipped to position " + std::to_string(batch.at.value());
  last_ = batch.at;
  for (const auto& each : batch.records) {
    note_erasures(*each);
    if (is_about_users(each->kind))
      block(*each);
    if (!is_of_conversation(each->kind))
      continue;
    if (auto wrong = deal(*each))
      return wrong;
    auto& events = events_[each->conversation];
    if (follows(*each).value() != events.size())
      return "numbers are not contiguous at " + at(each->conversation, each->seq);
    if (auto wrong = retain(*each))
      return wrong;
    receipt_records_ += each->kind == record_kind::receipts ? 1 : 0;
    for (const auto& moves : each->receipts) {
      if (each->kind != record_kind::receipts)
        continue; // how far a thread was read is nobody's business here
      auto& stood = receipts_[{each->conversation, moves.user}];
      if (stood.empty() || stood.back().now != moves.now) // else nothing moved
        stood.push_back({batch.at, moves.now});
      receipts_ever_[{each->conversation, moves.user}].push_back(moves.now);
    }
    changes_[each->kind] += each->change ? 1 : 0;
    if (each->kind == record_kind::hidden)
      events[each->change->message.value() - 1].hidden_from.insert(each->actor);
    if (!is_numbered(each->kind))
      continue;
    if (each->change)
      change(events, *each);
    invite(*each);
    events.push_back({batch.at, each->kind, as_said(each->event), as_known(each->actor),
                      each->key ? std::optional{each->key->client} : std::nullopt});
    if (each->thread.value() > 0) {
      events.back().thread = each->thread;
      ++events[each->thread.value() - 1].replies;
    }
    for (const auto& member : each->joined)
      join(each->conversation, member.user, each->seq, batch.at);
    if (each->kind == record_kind::deleted)
      end(each->conversation, each->seq);
    if (each->left && stays_.contains({each->conversation, *each->left})) {
      stays_[{each->conversation, *each->left}].back().last = each->seq;
      receipts_[{each->conversation, *each->left}].clear();
    }
  }
  return std::nullopt;
}

// A message that is erased has no bodies and no reactions any more.
void truth::change(std::vector<event>& events, const record& what) const {
  event& message = events[what.change->message.value() - 1];
  for (const auto& each : what.change->tombstones)
    events[each.seq.value() - 1].buried = as_said(each.event);
  if (what.kind == record_kind::erased && message.thread.value() > 0)
    --events[message.thread.value() - 1].replies;
  if (what.kind == record_kind::edited)
    message.bodies.push_back(unpack(what.event)["body"].get<std::string>());
  if (what.kind != record_kind::reacted)
    return;
  auto& users = message.reactions[what.change->emoji];
  what.change->removed ? (void)users.erase(what.actor) : (void)users.insert(what.actor);
}

// An invitation ends when it is taken up, turned down or taken back, and with the conversation.
void truth::invite(const record& what) {
  changes_[what.kind] += is_about_invitations(what.kind) ? 1 : 0;
  for (const auto& each : what.roles)
    if (is_about_invitations(what.kind) && !forgetting_.contains(each.user))
      invited_[{each.user, what.conversation}] = what.kind == record_kind::invited;
  for (const auto& each : what.joined)
    if (const auto open = invited_.find({each.user, what.conversation}); open != invited_.end())
      changes_[record_kind::joined] += std::exchange(open->second, false) ? 1 : 0;
  if (what.kind == record_kind::deleted)
    for (auto& [place, is_open] : invited_)
      is_open = is_open && place.second != what.conversation;
}

std::vector<conversation_id> truth::invited_to(const user_id& user) const {
  std::vector<conversation_id> all;
  for (const auto& [place, is_open] : invited_)
    if (place.first == user && is_open)
      all.push_back(place.second);
  return all;
}

bool truth::was_invited(const user_id& user, const conversation_id& conversation) const {
  return invited_.contains({user, conversation});
}

void truth::join(const conversation_id& conversation, const user_id& user, sequence seq,
                 position at) {
  if (forgetting_.contains(user))
    return; // nobody comes back under a name that is being forgotten
  stays_[{conversation, user}].push_back({seq, {}});
  receipts_[{conversation, user}] = {{at, {seq, seq, seq}}};
  receipts_ever_[{conversation, user}].push_back({seq, seq, seq});
}

void truth::end(const conversation_id& conversation, sequence seq) {
  for (auto& [place, stays] : stays_)
    if (place.first == conversation && !stays.back().last) {
      stays.back().last = seq;
      receipts_[place].clear();
    }
  deleted_.insert(conversation);
}

const std::vector<truth::moved>& truth::receipts(const user_id& user,
                                                 const conversation_id& conversation) const {
  static const std::vector<moved> none;
  const auto found = receipts_.find({conversation, user});
  return found == receipts_.end() ? none : found->second;
}

bool truth::lost_an_end(const user_id& user) const {
  return std::any_of(stays_.begin(), stays_.end(), [&](const auto& each) {
    const auto& [place, stays] = each;
    const bool is_gone = stays.back().last && *stays.back().last < kept_from(place.first);
    return place.second == user &&
           (is_gone || (is_deleted(place.first) && stays.back().last != head(place.first)));
  });
}

bool truth::stood_at(const user_id& user, const conversation_id& conversation,
                     const told_receipt& there, bool own) const {
  const auto found = receipts_ever_.find({conversation, user});
  return found != receipts_ever_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](const receipt& each) { return as_told(each, own) == there; });
}

told_receipt truth::as_told(const receipt& stands, bool own) {
  return {stands.delivered, own ? stands.read : stands.shown};
}

std::pair<position, told_receipt>
truth::last_told(const user_id& user, const conversation_id& conversation, bool own) const {
  const auto& all = receipts(user, conversation);
  std::pair last{position{}, as_told(all.front().now, own)};
  for (const auto& each : all)
    if (as_told(each.now, own) != last.second)
      last = {each.at, as_told(each.now, own)};
  return last;
}

bool truth::ever_read(const user_id& user, const conversation_id& conversation,
                      sequence seq) const {
  const auto found = receipts_ever_.find({conversation, user});
  return found != receipts_ever_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](const receipt& each) { return each.read >= seq; });
}

std::uint64_t truth::unread(const user_id& user, const conversation_id& conversation) const {
  const auto& all = events_.at(conversation);
  const auto read = static_cast<std::ptrdiff_t>(
      std::max(receipts(user, conversation).back().now.read, kept_from(conversation).previous())
          .value());
  return static_cast<std::uint64_t>(
      std::count_if(all.begin() + read, all.end(), [&](const event& each) {
        return each.kind == record_kind::message && each.actor != user && !each.buried &&
               !each.hidden_from.contains(user);
      }));
}

std::vector<conversation_id> truth::conversations_of(const user_id& user) const {
  std::vector<conversation_id> all;
  for (const auto& [place, stays] : stays_)
    if (place.second == user && !stays.back().last)
      all.push_back(place.first);
  return all;
}

bool truth::share(const user_id& one, const user_id& other) const {
  const auto all = conversations_of(one);
  return std::any_of(all.begin(), all.end(),
                     [&](const conversation_id& each) { return is_member(other, each); });
}

std::vector<user_id> truth::members_of(const conversation_id& conversation) const {
  std::vector<user_id> all;
  for (const auto& [place, stays] : stays_)
    if (place.first == conversation && !stays.back().last)
      all.push_back(place.second);
  return all;
}

const truth::event* truth::find(const conversation_id& conversation, sequence seq) const {
  auto found = events_.find(conversation);
  if (found == events_.end() || seq.value() == 0 || seq.value() > found->second.size())
    return nullptr;
  return &found->second[seq.value() - 1];
}

bool truth::hides(const conversation_id& conversation, sequence seq, const user_id& from) const {
  const event* known = find(conversation, seq);
  if (known != nullptr && known->kind == record_kind::edited) {
    const sequence message{nlohmann::json::parse(known->bytes)["message"].get<std::uint64_t>()};
    if (message < kept_from(conversation))
      return true; // it is not there any more
    known = find(conversation, message);
  }
  return known != nullptr && known->hidden_from.contains(from);
}

bool truth::was_member(const user_id& user, const conversation_id& conversation,
                       sequence seq) const {
  auto stays = stays_.find({conversation, user});
  return stays != stays_.end() &&
         std::any_of(stays->second.begin(), stays->second.end(), [&](const stay& each) {
           return each.first <= seq && (!each.last || seq <= *each.last);
         });
}

bool truth::is_member(const user_id& user, const conversation_id& conversation) const {
  auto stays = stays_.find({conversation, user});
  return stays != stays_.end() && !stays->second.back().last;
}

bool truth::ends_at(const user_id& user, const conversation_id& conversation, sequence seq) const {
  const auto stays = stays_.find({conversation, user});
  return stays != stays_.end() && std::any_of(stays->second.begin(), stays->second.end(),
                                              [&](const stay& each) { return each.last == seq; });
}

bool truth::is_over(const user_id& user, const conversation_id& conversation, sequence seq) const {
  auto stays = stays_.find({conversation, user});
  return stays != stays_.end() &&
         std::any_of(stays->second.begin(), stays->second.end(), [&](const stay& each) {
           return each.first <= seq && each.last && seq <= *each.last;
         });
}

bool truth::could_read(const user_id& user, const conversation_id& conversation,
                       sequence seq) const {
  auto stays = stays_.find({conversation, user});
  return stays != stays_.end() &&
         std::any_of(stays->second.begin(), stays->second.end(),
                     [&](const stay& each) { return !each.last || *each.last >= seq; });
}

sequence truth::head(const conversation_id& conversation) const {
  auto found = events_.find(conversation);
  return sequence{found == events_.end() ? 0 : found->second.size()};
}

// --- Devices -------------------------------------------------------------------------------------

void device_view::connected() {
  last_.clear();
  outside_.clear();
}

void device_view::restarted(position from) {
  base_ = from;
  held_.clear();
  receipts_.clear();
  gaps_.clear();
  ever_named_.clear();
}

void device_view::receipt_shown(const conversation_id& conversation, const user_id& of,
                                told_receipt now) {
  if (!truth_.stood_at(of, conversation, now, of == user_))
    fault("a receipt of " + of.str() + " that never was", conversation, now.second);
  if (outside_.contains(conversation) || !truth_.could_read(user_, conversation, sequence{1}))
    fault("a receipt shown to a stranger", conversation, now.second);
  receipts_[{conversation, of}] = now;
}

void device_view::listed(const conversation_id& conversation, sequence read, std::uint64_t unread) {
  const auto& stands = truth_.receipts(user_, conversation);
  if (stands.empty())
    return fault("a list names a conversation of others", conversation, read);
  if (read != stands.back().now.read)
    fault("a list names another cursor", conversation, read);
  const auto real = truth_.unread(user_, conversation);
  if (unread != real)
    fault("a list counts " + std::to_string(unread) + " unread instead of " + std::to_string(real),
          conversation, read);
}

void device_view::judge_receipts() {
  for (const auto& conversation : truth_.conversations_of(user_)) {
    const position joined = truth_.receipts(user_, conversation).front().at;
    for (const auto& of : truth_.members_of(conversation)) {
      const auto [moved_at, last] = truth_.last_told(of, conversation, of == user_);
      if (moved_at <= base_ || moved_at <= joined || truth_.ever_blocked(of, user_))
        continue;
      const auto shown = receipts_.find({conversation, of});
      if (shown == receipts_.end() || shown->second != last)
        fault("was not shown the last receipt of " + of.str(), conversation, last.second);
    }
  }
}

void device_view::fault(const std::string& what, const conversation_id& conversation,
                        sequence seq) {
  faults_.push_back(user_.str() + ": " + what + " at " + at(conversation, seq));
}

void device_view::check_event(const conversation_id& conversation, sequence seq,
                              const std::string& bytes, bool authorised) {
  const truth::event* real = truth_.find(conversation, seq);
  if (real == nullptr)
    return fault("phantom or not yet durable", conversation, seq);
  if (real->bytes != bytes && real->buried != bytes && !truth_.is_left_to(user_, *real, bytes))
    fault("differs from what was committed", conversation, seq);
  if (!authorised)
    fault("shown to someone who is no member", conversation, seq);
}

void device_view::streamed(const conversation_id& conversation, sequence seq,
                           const std::string& bytes) {
  check_event(conversation, seq, bytes, truth_.was_member(user_, conversation, seq));
  sequence& last = last_[conversation];
  if (seq <= last)
    fault("out of order or twice in one session", conversation, seq);
  for (sequence missing = last.next(); last.value() > 0 && missing < seq; missing = missing.next())
    if (truth_.was_member(user_, conversation, missing) && !named(conversation, missing) &&
        missing >= truth_.kept_from(conversation))
      fault("a hole that no gap named", conversation, missing);
  last = seq;
  held_[conversation].insert(seq);
  if (truth_.ends_at(user_, conversation, seq))
    outside_.insert(conversation);
  else
    outside_.erase(conversation); // nothing else is shown to who is outside
}

std::string device_view::delivered_as(const conversation_id& conversation, sequence seq,
                                      nlohmann::json shown, bool in_the_end) {
  const truth::event* real = truth_.find(conversation, seq);
  if (real == nullptr || real->kind != record_kind::message || shown.contains("deleted"))
    return shown.dump();
  const auto replies = shown.value("replies", nlohmann::json::object());
  shown.erase("replies");
  if (in_the_end && replies.value("count", std::size_t{0}) != real->replies)
    fault("history counts other replies", conversation, seq);
  if (!shown.contains("edits") && !shown.contains("reactions")) { // the same as it was delivered
    const bool was_changed =
        !real->bodies.empty() || std::any_of(real->reactions.begin(), real->reactions.end(),
                                             [](const auto& each) { return !each.second.empty(); });
    if (in_the_end && was_changed)
      fault("history says nothing of what became of it", conversation, seq);
    return shown.dump();
  }
  const auto first = nlohmann::json::parse(real->bytes);
  const std::size_t edits = shown.value("edits", std::size_t{0});
  const bool fits = edits == 0
                        ? shown["body"] == first["body"]
                        : edits <= real->bodies.size() && shown["body"] == real->bodies[edits - 1];
  if (!fits || (in_the_end && edits != real->bodies.size()))
    fault("history shows another body", conversation, seq);
  if (in_the_end) {
    nlohmann::json reactions = nlohmann::json::object();
    for (const auto& [emoji, users] : real->reactions)
      if (!users.empty())
        reactions[emoji] = {{"count", users.size()}, {"mine", users.contains(user_)}};
    if (shown.value("reactions", nlohmann::json::object()) != reactions)
      fault("history counts other reactions", conversation, seq);
  }
  shown["body"] = first["body"];
  for (const char* added : {"edits", "edited_at", "reactions", "mentions"})
    shown.erase(added);
  if (first.contains("mentions"))
    shown["mentions"] = first["mentions"];
  return shown.dump();
}

void device_view::paged(const conversation_id& conversation, sequence seq, nlohmann::json event,
                        bool of_history, bool in_the_end) {
  const std::string bytes =
      of_history ? delivered_as(conversation, seq, std::move(event), in_the_end) : event.dump();
  const truth::event* real = truth_.find(conversation, seq);
  if (in_the_end && of_history && real != nullptr && truth_.hides(conversation, seq, user_))
    fault("shown though it was hidden", conversation, seq);
  if (in_the_end && seq < truth_.kept_from(conversation))
    fault("shown though it is gone", conversation, seq);
  if (in_the_end && real != nullptr && real->buried && real->buried != bytes)
    fault("shown though it was erased", conversation, seq);
  check_event(conversation, seq, bytes, truth_.could_read(user_, conversation, seq));
}

std::vector<device_view::gap> device_view::gaps() const {
  std::vector<gap> open;
  std::copy_if(gaps_.begin(), gaps_.end(), std::back_inserter(open), [&](const gap& each) {
    return truth_.is_member(user_, each.conversation) &&
           each.last >= truth_.kept_from(each.conversation);
  });
  return open;
}

bool device_view::named(const conversation_id& conversation, sequence seq) const {
  return std::any_of(ever_named_.begin(), ever_named_.end(), [&](const gap& each) {
    return each.conversation == conversation && each.first <= seq && seq <= each.last;
  });
}

void device_view::named_gap(const conversation_id& conversation, sequence first, sequence last) {
  if (first > last)
    fault("a gap that ends before it begins", conversation, first);
  gaps_.push_back({conversation, first, last});
  ever_named_.push_back({conversation, first, last});
  last_[conversation] = std::max(last_[conversation], last);
}

void device_view::pulled(const conversation_id& conversation, sequence first, sequence last) {
  for (sequence seq = first; seq <= last; seq = seq.next())
    held_[conversation].insert(seq);
  std::erase_if(gaps_, [&](gap& each) {
    if (each.conversation == conversation && first <= each.first)
      each.first = std::max(each.first, last.next());
    return each.first > each.last;
  });
}

void device_view::given_cursor(position upto) {
  for (const auto& [conversation, events] : truth_.events()) {
    const auto& held = held_[conversation];
    for (std::size_t i = 0; i < events.size(); ++i) {
      const sequence seq{i + 1};
      if (events[i].at <= base_ || events[i].at > upto || held.contains(seq))
        continue;
      if (!truth_.was_member(user_, conversation, seq))
        continue;
      // Who leaves cannot pull any more: from then on nothing waits for the gap.
      const bool given_up = named(conversation, seq) && truth_.is_over(user_, conversation, seq);
      // Of a deleted conversation nothing is sent any more but its last event.
      const bool gone = truth_.is_deleted(conversation) && seq != truth_.head(conversation);
      if (!given_up && !gone && seq >= truth_.kept_from(conversation))
        fault("a cursor passes what was never sent", conversation, seq);
    }
  }
}

// --- Sends ---------------------------------------------------------------------------------------

void send_log::invoked(const conversation_id& conversation, const key& what, std::uint64_t step) {
  invoked_.try_emplace({conversation, what}, step);
}

void send_log::acknowledged(const truth& all, const conversation_id& conversation, const key& what,
                            sequence seq, std::uint64_t step) {
  const truth::event* real = all.find(conversation, seq);
  if (real == nullptr || real->actor != what.first || real->client != what.second)
    faults_.push_back("acknowledged before it was durable: " + at(conversation, seq));
  auto [known, is_new] = acked_.try_emplace(
      {conversation, what}, acked_send{conversation, seq, invoked_[{conversation, what}], step});
  if (!is_new && known->second.seq != seq)
    faults_.push_back("two acknowledgements of one client_id: " + at(conversation, seq));
}

void send_log::judge(const truth& all) {
  std::map<std::pair<conversation_id, key>, int> copies;
  for (const auto& [conversation, events] : all.events())
    for (const auto& each : events)
      if (each.client && ++copies[{conversation, {each.actor, *each.client}}] > 1)
        faults_.push_back("one client_id, two events in " + conversation.str());
  std::map<conversation_id, std::vector<acked_send>> by_conversation;
  for (const auto& [what, each] : acked_)
    by_conversation[each.conversation].push_back(each);
  for (auto& [conversation, sends] : by_conversation) {
    std::sort(sends.begin(), sends.end(),
              [](const auto& a, const auto& b) { return a.seq < b.seq; });
    // Whoever comes later in the order must not have been acknowledged before an earlier one began.
    std::uint64_t latest_invoke = 0;
    for (const auto& each : sends) {
      if (each.acked < latest_invoke)
        faults_.push_back("order contradicts real time: " + at(conversation, each.seq));
      latest_invoke = std::max(latest_invoke, each.invoked);
    }
  }
}

} // namespace parley::test
