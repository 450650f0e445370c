// The latest wins, and an end is for good.
#include "persistence/message_changes.hpp"

#include <algorithm>

#include "actors/limits.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

/// Replies that are looked at, when one of them goes, for who wrote last.
constexpr std::size_t replies_looked_at = 100;

} // namespace

outcome message_changes::add(const record& what, std::uint64_t& restated, std::size_t files) {
  auto found = row_of(what, restated);
  if (!found)
    return found.error();
  message_row& row = **found;
  if (row.erased)
    return success(); // nothing is done to what is gone
  switch (what.kind) {
  case record_kind::edited:
    return edit(what, row);
  case record_kind::erased:
    return erase(what, row, files);
  default:
    return react(what, row);
  }
}

result<message_row*> message_changes::row_of(const record& what, std::uint64_t& restated) {
  return row_at(what.conversation, what.change->message, &restated);
}

result<message_row*> message_changes::row_at(const conversation_id& conversation, sequence message,
                                             std::uint64_t* restated) {
  const std::string key = event_key(conversation, message);
  if (auto known = rows_.find(key); known != rows_.end())
    return &known->second;
  auto stored = base_.message(conversation, message);
  if (!stored)
    return stored.error();
  if (restated)
    *restated += *stored ? 0 : 1;
  return &rows_.emplace(key, stored->value_or(message_row{})).first->second;
}

result<std::optional<message_row>> message_changes::known(const conversation_id& conversation,
                                                          sequence message) const {
  const auto found = rows_.find(event_key(conversation, message));
  return found == rows_.end() ? base_.message(conversation, message) : std::optional{found->second};
}

// --- Threads -------------------------------------------------------------------------------------

outcome message_changes::reply(const record& what, std::uint64_t& restated) {
  auto found = row_at(what.conversation, what.thread, &restated);
  if (!found)
    return found.error();
  message_row& row = **found;
  ++row.replies;
  row.last_reply = what.seq;
  std::erase(row.participants, what.actor);
  row.participants.insert(row.participants.begin(), what.actor);
  if (row.participants.size() > limits::thread_participants)
    row.participants.pop_back();
  std::string key = reply_key(what.conversation, what.thread, what.seq);
  std::string value = encode_reply(key, what.actor);
  replies_.insert_or_assign(std::move(key), std::move(value));
  return success();
}

outcome message_changes::take_reply(const conversation_id& conversation, sequence thread,
                                    sequence seq) {
  auto found = row_at(conversation, thread, nullptr); // there is one since the reply came
  if (!found)
    return found.error();
  message_row& row = **found;
  row.replies -= std::min<std::uint64_t>(row.replies, 1);
  replies_.insert_or_assign(reply_key(conversation, thread, seq), std::string{});
  row.last_reply = {};
  row.participants.clear();
  sequence from{UINT64_MAX};
  for (std::size_t step = 0; step < replies_looked_at; ++step) {
    auto before = reply_before(conversation, thread, from);
    if (!before)
      return before.error();
    auto& [number, author] = *before;
    if (number.value() == 0)
      break;
    from = number;
    row.last_reply = std::max(row.last_reply, number);
    if (std::find(row.participants.begin(), row.participants.end(), author) ==
        row.participants.end())
      row.participants.push_back(std::move(author));
    if (row.participants.size() == limits::thread_participants)
      break;
  }
  return success();
}

result<std::pair<sequence, user_id>>
message_changes::reply_before(const conversation_id& conversation, sequence thread,
                              sequence seq) const {
  const std::string prefix = event_key(conversation, thread);
  const std::string end = reply_key(conversation, thread, seq);
  std::pair<std::string, std::string> newest;
  for (auto each = replies_.lower_bound(end);
       each != replies_.begin() && (--each)->first.starts_with(prefix);)
    if (!each->second.empty()) {
      newest = *each;
      break;
    }
  cursor at = base_.rows(model_table::replies);
  for (bool more = at.seek_before(end); more && at.key().starts_with(prefix);
       more = at.previous()) {
    const auto here = replies_.find(std::string(at.key()));
    if (here != replies_.end() && here->second.empty())
      continue;
    if (at.key() > newest.first)
      newest = {std::string(at.key()), std::string(at.value())};
    break;
  }
  if (at.error())
    return *at.error();
  if (newest.first.empty())
    return std::pair{sequence{}, user_id{}};
  auto author = decode_reply(newest.first, newest.second);
  if (!author)
    return author.error();
  const auto place = split_reply_key(newest.first);
  return std::pair{place ? place->seq : sequence{}, std::move(*author)};
}

outcome message_changes::read_thread(const record& what) {
  std::string key = hidden_key(what.conversation, what.change->message, what.actor);
  sequence before;
  if (const auto known = thread_reads_.find(key); known != thread_reads_.end()) {
    auto row = decode_thread_read(key, known->second);
    if (!row)
      return row.error();
    before = *row;
  } else {
    auto row = base_.thread_read(key);
    if (!row)
      return row.error();
    before = *row;
  }
  std::string value = encode_thread_read_row(key, std::max(before, what.receipts.front().now.read));
  thread_reads_.insert_or_assign(std::move(key), std::move(value));
  return success();
}

void message_changes::pin(const record& what) {
  const message_change& change = *what.change;
  std::string key = event_key(what.conversation, change.message);
  std::string value =
      change.removed
          ? std::string{}
          : encode_row(key, pinned_message{change.message, what.seq, what.actor, what.at});
  pins_.insert_or_assign(std::move(key), std::move(value));
}

// One's own message is not unread anyway, and who asked saw neither an erased one nor this one
// twice.
result<bool> message_changes::hide(const record& what, position at) {
  const message_change& change = *what.change;
  const std::string key = hidden_key(what.conversation, change.message, what.actor);
  auto known = base_.is_hidden(what.conversation, change.message, what.actor);
  if (!known)
    return known.error();
  if (*known || !hidden_.emplace(key, encode_hidden_row(key, at)).second)
    return false;
  if (change.author == what.actor)
    return true;
  auto corrected = corrections_.add(changes_of_hiding(what.conversation, what.actor, change.before),
                                    change.message);
  return corrected ? result<bool>{true} : corrected.error();
}

/// For each from whom the message is hidden.
outcome message_changes::correct_hidden(const record& what, const std::optional<mentioned>& now) {
  const message_change& change = *what.change;
  const std::string prefix = event_key(what.conversation, change.message);
  std::vector<user_id> users;
  cursor at = base_.rows(model_table::hidden);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
    users.emplace_back(std::string(at.key().substr(prefix.size())));
  if (at.error())
    return *at.error();
  for (auto each = hidden_.lower_bound(prefix);
       each != hidden_.end() && each->first.starts_with(prefix); ++each)
    users.emplace_back(each->first.substr(prefix.size()));
  for (const auto& user : users)
    if (user != change.author)
      if (auto added = corrections_.add(
              changes_of_hidden(what.conversation, user, change.before, now), change.message);
          !added)
        return added;
  return success();
}

outcome message_changes::edit(const record& what, message_row& row) {
  const message_change& change = *what.change;
  auto facts = facts_of(what.event);
  if (!facts || !facts->body)
    return failure{error_code::internal,
                   "the log's " +
                       describe_row(model_table::events, event_key(what.conversation, what.seq)) +
                       " is no edit",
                   {}};
  if (!row.sent_with)
    row.sent_with = change.before;
  row.body = std::string(*facts->body);
  if (facts->mentions)
    row.mentioning = std::move(facts->mentions);
  row.edited_at = what.at;
  row.edits.push_back({what.seq, what.actor, what.at});
  row.mentions = what.mentions;
  if (auto corrected = correct_hidden(what, what.mentions); !corrected)
    return corrected;
  return corrections_.add(
      changes_of_mentioning(what.conversation, change.author, change.before, what.mentions),
      change.message);
}

outcome message_changes::erase(const record& what, message_row& row, std::size_t files) {
  const message_change& change = *what.change;
  if (!row.reactions.empty()) // many perhaps: they go by and by
    condemned_.emplace_back(condemned_message_key(what.conversation, change.message), "1");
  pins_.insert_or_assign(event_key(what.conversation, change.message), std::string{});
  message_row gone;
  gone.erased = true;
  gone.erased_in = what.seq;
  gone.edits = std::move(row.edits);
  gone.files = files;
  gone.replies = row.replies; // its thread stays
  gone.last_reply = row.last_reply;
  gone.participants = std::move(row.participants);
  gone.sent_with = row.sent_with.value_or(change.before);
  row = std::move(gone);
  if (auto corrected = correct_hidden(what, std::nullopt); !corrected)
    return corrected;
  return corrections_.add(changes_of_erasing(what.conversation, change.author, change.before),
                          change.message);
}

outcome message_changes::react(const record& what, message_row& row) {
  const message_change& change = *what.change;
  auto kind = std::find_if(row.reactions.begin(), row.reactions.end(),
                           [&](const auto& each) { return each.first == change.emoji; });
  if (kind == row.reactions.end())
    kind = row.reactions.insert(kind, {change.emoji, 0});
  kind->second += change.removed ? -1 : 1;
  if (kind->second == 0)
    row.reactions.erase(kind);
  std::string key = reaction_key(what.conversation, change.message, change.emoji, what.actor);
  reactions_[std::move(key)] = change.removed ? std::nullopt : std::optional{what.seq};
  return success();
}

std::vector<std::pair<std::string, std::string>> message_changes::reactions() const {
  std::vector<std::pair<std::string, std::string>> rows;
  rows.reserve(reactions_.size());
  for (const auto& [key, event] : reactions_)
    rows.emplace_back(key, event ? encode_reaction_row(key, *event) : std::string{});
  return rows;
}

} // namespace parley
