// What the judge of a simulated run knows of what fell out, and of what is held.
#include <algorithm>

#include "tests/support/simulation/oracle.hpp"

namespace parley::test {

std::optional<std::string> truth::retain(const record& what) {
  const bool goes = what.kind == record_kind::erased || what.kind == record_kind::deleted ||
                    what.kind == record_kind::trimmed;
  if (goes && held_.contains(what.conversation))
    return "something went that was held at " + what.conversation.str() + "#" +
           std::to_string(what.seq.value());
  if (what.kind == record_kind::held)
    held_.insert(what.conversation);
  if (what.kind == record_kind::released)
    held_.erase(what.conversation);
  changes_[what.kind] += is_about_holds(what.kind) ? 1 : 0;
  if (what.change && what.kind != record_kind::trimmed &&
      what.change->message < kept_from(what.conversation))
    return "something was done to what is gone at " + what.conversation.str() + "#" +
           std::to_string(what.seq.value());
  if (what.kind != record_kind::trimmed)
    return std::nullopt;
  if (what.change->message <= kept_from(what.conversation))
    return "what is gone went again at " + what.conversation.str() + "#" +
           std::to_string(what.seq.value());
  kept_from_[what.conversation] = what.change->message;
  for (auto& each : events_[what.conversation])
    if (each.kind == record_kind::edited && !each.buried)
      bury_edit(each, what.change->message);
  return std::nullopt;
}

/// An edit that stays says no more than that there was one, once its message is gone.
void truth::bury_edit(event& edit, sequence kept_from) {
  auto said = nlohmann::json::parse(edit.bytes);
  if (said["message"].get<std::uint64_t>() >= kept_from.value())
    return;
  edit.buried = left_of_edit(std::move(said));
}

std::string truth::left_of_edit(nlohmann::json said) {
  nlohmann::json left{{"deleted", true}};
  for (const auto* field : {"type", "conversation", "seq", "at", "message", "by"})
    left[field] = std::move(said[field]);
  return left.dump();
}

bool truth::is_left_to(const user_id& user, const event& edit, const std::string& bytes) const {
  if (edit.kind != record_kind::edited)
    return false;
  auto said = nlohmann::json::parse(edit.bytes);
  const conversation_id where{said["conversation"].get<std::string>()};
  const sequence message{said["message"].get<std::uint64_t>()};
  const sequence seq{said["seq"].get<std::uint64_t>()};
  const auto stays = stays_.find({where, user});
  return stays != stays_.end() &&
         std::any_of(stays->second.begin(), stays->second.end(),
                     [&](const stay& each) {
                       return each.last && message < each.first && each.first <= seq &&
                              seq <= *each.last;
                     }) &&
         left_of_edit(std::move(said)) == bytes;
}

sequence truth::kept_from(const conversation_id& conversation) const {
  const auto found = kept_from_.find(conversation);
  return found == kept_from_.end() ? sequence{} : found->second;
}

void device_view::trimmed(const conversation_id& conversation, sequence before) {
  if (before > truth_.kept_from(conversation))
    fault("told of what is still there", conversation, before);
}

} // namespace parley::test
