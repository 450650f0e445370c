// What the judge of a simulated run knows of what fell out, of what is held, and of blocks.
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
  return std::nullopt;
}

sequence truth::kept_from(const conversation_id& conversation) const {
  const auto found = kept_from_.find(conversation);
  return found == kept_from_.end() ? sequence{} : found->second;
}

void truth::block(const record& what) {
  const bool blocks = what.kind == record_kind::blocked;
  const bool moves = blocks ? blocks_.insert({what.actor, *what.left}).second
                            : blocks_.erase({what.actor, *what.left}) > 0;
  std::size_t& there = cut_off_[what.conversation];
  if (moves)
    there += blocks ? 1 : -1;
  ++changes_[what.kind];
}

std::optional<std::string> truth::heed_blocks(const record& what) const {
  const auto pair = cut_off_.find(what.conversation);
  if (pair == cut_off_.end() || pair->second == 0)
    return std::nullopt;
  switch (what.kind) {
  case record_kind::created:
  case record_kind::message:
  case record_kind::edited:
  case record_kind::reacted:
  case record_kind::pinned:
  case record_kind::changed:
    return "said in spite of a block at " + what.conversation.str() + "#" +
           std::to_string(what.seq.value());
  default:
    return std::nullopt;
  }
}

void device_view::trimmed(const conversation_id& conversation, sequence before) {
  if (before > truth_.kept_from(conversation))
    fault("told of what is still there", conversation, before);
}

} // namespace parley::test
