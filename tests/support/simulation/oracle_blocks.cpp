// What the judge of a simulated run knows of users who have blocked one another.
#include <algorithm>

#include "actors/rules.hpp"
#include "tests/support/simulation/oracle.hpp"

namespace parley::test {

void truth::block(const record& what) {
  if (what.kind == record_kind::unblocked) {
    changes_[record_kind::unblocked] += blocks_.erase({what.actor, *what.left});
    return;
  }
  blocks_.insert({what.actor, *what.left});
  ever_blocked_.insert({what.actor, *what.left});
  ++changes_[record_kind::blocked];
}

std::optional<std::string> truth::deal(const record& what) const {
  const bool is_dealing = what.kind == record_kind::created || what.kind == record_kind::message ||
                          what.kind == record_kind::edited || what.kind == record_kind::reacted ||
                          what.kind == record_kind::pinned || what.kind == record_kind::changed;
  const bool is_theirs = is_dealing && std::any_of(blocks_.begin(), blocks_.end(), [&](auto& each) {
                           return rules::id_of_pair(each.first, each.second) == what.conversation;
                         });
  if (!is_theirs)
    return std::nullopt;
  return "two dealt with each other in spite of a block at " + what.conversation.str() + "#" +
         std::to_string(what.seq.value());
}

} // namespace parley::test
