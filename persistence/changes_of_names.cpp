// Records that name users under names which the model has forgotten, or is forgetting.
#include <algorithm>
#include <utility>

#include "actors/rules.hpp"
#include "persistence/changes.hpp"
#include "persistence/erasures/forgetting.hpp"
#include "persistence/erasures/renamed_record.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

/// Whether the store has gone through the conversation for this name; what names the user there in
/// a record from now on would stay.
bool has_passed(const erasure_row& of, const conversation_id& conversation) {
  return of.stage > 0 || conversation.str() <= of.place;
}

} // namespace

// Who decided on it may have read what it is about before it was renamed.
outcome model_changes::add(const record& what, position at) {
  if (!has_erasures_ || what.kind == record_kind::user_erased)
    return add_as_named(what, at);
  std::optional<record> now;
  for (const auto& each : erasing_) {
    const record& said = now ? *now : what;
    const new_names names = one_new_name{each.what};
    if (is_of_conversation(said.kind) && !has_passed(each, said.conversation)) {
      if (auto alone = without_joining(said, names)) // what else it says is renamed with the rest
        now = std::move(alone);
      continue;
    }
    if (is_of_nobody(said, names)) {
      add_key(said);
      return success();
    }
    if (auto renaming = renamed(said, names))
      now = std::move(renaming);
  }
  auto known = as_message_is_known(now ? *now : what);
  if (!known)
    return known.error();
  if (*known)
    now = std::move(*known);
  auto invited = as_inviter_is_known(now ? *now : what);
  if (!invited)
    return invited.error();
  if (*invited)
    now = std::move(*invited);
  return add_as_named(now ? *now : what, at);
}

outcome model_changes::read_erasures(bool is_erasing) {
  has_erasures_ = is_erasing || base_.count(model_table::erasures) > 0;
  if (!is_erasing)
    return success();
  cursor at = base_.rows(model_table::erasures);
  for (bool more = at.first(); more; more = at.next()) {
    auto row = decode_erasure(at.key(), at.value());
    if (!row)
      return row.error();
    if (is_being_forgotten(row->what))
      erasing_.push_back(std::move(*row));
  }
  return at.error() ? outcome{*at.error()} : success();
}

bool model_changes::is_erasing() const {
  return !erasing_.empty() || std::any_of(erasures_.begin(), erasures_.end(), [](const auto& each) {
    return is_being_forgotten(each.second.what);
  });
}

/// Who sent a message and whom it mentions is what the model says by now, not what it said when
/// somebody asked.
result<std::optional<record>> model_changes::as_message_is_known(const record& what) {
  if (what.kind != record_kind::edited && what.kind != record_kind::erased &&
      what.kind != record_kind::hidden)
    return std::optional<record>{};
  auto in = conversation_of(what.conversation);
  if (!in)
    return in.error();
  const message_change& said = *what.change;
  auto event = event_of(what.conversation, said.message, **in);
  if (!event)
    return event.error();
  const auto facts = *event ? facts_of((*event)->event) : std::nullopt;
  if (!facts || (*event)->kind != record_kind::message)
    return std::optional<record>{}; // whoever takes it in says what is wrong
  auto row = messages_.known(what.conversation, said.message);
  if (!row)
    return row.error();
  mentioned mentions = said.before;
  if (*row && (*row)->sent_with && !(*row)->erased)
    mentions = (*row)->mentions;
  else if (!facts->client.empty())
    mentions = rules::mentioned_by(facts->mentions);
  if (said.author.str() == facts->from && said.before == mentions)
    return std::optional<record>{};
  const std::string author{facts->from};
  const new_names names = [&](std::string_view user) {
    return user == said.author.str() ? &author : nullptr;
  };
  record now = said.author.str() == author ? what : renamed(what, names).value_or(what);
  const auto told = what.kind == record_kind::edited ? facts_of(what.event) : std::nullopt;
  if (told && !told->mentions)
    now.mentions = mentions; // they stay
  message_change change = *now.change;
  change.before = std::move(mentions);
  now.change = std::make_shared<const message_change>(std::move(change));
  return std::optional{std::move(now)};
}

/// Whoever is no member lets nobody in: an invitation was taken up, and by whom it was is what the
/// model says by now.
result<std::optional<record>> model_changes::as_inviter_is_known(const record& what) {
  if (what.kind != record_kind::joined || what.joined.size() != 1)
    return std::optional<record>{};
  auto by = membership_of(what.actor, what.conversation);
  if (!by)
    return by.error();
  if ((*by)->active())
    return std::optional<record>{};
  const user_id& user = what.joined.front().user;
  const auto here = invitations_.find(member_key(what.conversation, user));
  auto offered = here == invitations_.end() ? base_.invitation_of(what.conversation, user)
                                            : result<std::optional<invitation>>{here->second};
  if (!offered)
    return offered.error();
  if (!*offered || (*offered)->by == what.actor)
    return std::optional<record>{};
  const std::string inviter = (*offered)->by.str();
  return renamed(
      what, [&](std::string_view each) { return each == what.actor.str() ? &inviter : nullptr; });
}

// Whoever was let in at the last moment goes first: the eraser looks again.
result<bool> model_changes::is_in_any(const user_id& user) const {
  const std::string prefix = membership_prefix(user);
  for (const auto& [key, row] : memberships_)
    if (key.starts_with(prefix) && row.active())
      return true;
  bool found = false;
  const auto see = [&](const conversation_id& in, const membership_row& row) {
    found = row.active() && !memberships_.contains(membership_key(user, in));
    return !found;
  };
  if (auto read = for_each_row(base_, model_table::memberships, prefix, split_membership_key,
                               decode_membership, see);
      !read)
    return read.error();
  return found;
}

outcome model_changes::note_receipt(const record& what, position at) {
  return what.kind == record_kind::exported ? note_export(what) : note_erasure(what, at);
}

// What the store has counted meanwhile stays.
outcome model_changes::note_erasure(const record& what, position at) {
  const auto step = erasure_step_in(what.event);
  if (!step)
    return failure{
        error_code::internal, "the log has a step of an erasure that makes no sense", {}};
  has_erasures_ = true;
  const auto [found, unseen] = erasures_.try_emplace(step->id);
  if (unseen) {
    auto stored = base_.erasure(step->id);
    if (!stored)
      return stored.error();
    found->second = stored->value_or(erasure_row{*step, 0, {}});
  }
  user_erasure& now = found->second.what;
  now.settled = at;
  if (step->phase == erasure_phase::forgetting) {
    auto is_there = is_in_any(now.user);
    if (!is_there)
      return is_there.error();
    if (*is_there)
      return success();
    if (now.phase == erasure_phase::begun)
      erasing_.push_back(found->second);
  }
  now.phase = std::max(now.phase, step->phase);
  if (step->phase == erasure_phase::begun)
    now.begun_at = what.at;
  if (step->phase == erasure_phase::done) {
    now.done_at = what.at;
    if (!now.forgotten) // by this model, which a compaction made anew
      return success();
    now.user = user_id{}; // the last place
    std::erase_if(erasing_, [&](const auto& each) { return each.what.id == step->id; });
  }
  return success();
}

// Who was erased while it went on is called by the pseudonym: the name may be somebody else's by
// now.
outcome model_changes::note_export(const record& what) {
  const auto said = export_in(what.event);
  if (!said)
    return failure{
        error_code::internal, "the log has a receipt of an export that makes no sense", {}};
  std::string receipt = said->receipt;
  cursor at = base_.rows(model_table::erasures);
  for (bool more = has_erasures_ && at.first(); more; more = at.next()) {
    auto row = decode_erasure(at.key(), at.value());
    if (!row)
      continue; // `check` names it
    const auto here = erasures_.find(std::string(at.key()));
    const user_erasure& gone = here == erasures_.end() ? row->what : here->second.what;
    if (gone.phase == erasure_phase::begun || gone.settled <= said->until)
      continue; // or it is the walk's, which has not been here
    const std::string pseudonym = gone.pseudonym.str();
    const new_names names = [&](std::string_view user) {
      return hash_of(user_id{std::string(user)}) == gone.user_hash ? &pseudonym : nullptr;
    };
    receipt = renamed_event(receipt, names).value_or(receipt);
  }
  if (at.error())
    return *at.error();
  exports_.insert_or_assign(said->id, export_row{std::move(receipt)});
  return success();
}

} // namespace parley
