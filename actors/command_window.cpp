// Decides which of a connection's commands may start.
#include "actors/command_window.hpp"

#include <type_traits>

namespace parley {

namespace {

/// A command to a conversation names it; one that may name a conversation is to none.
template <class Field>
constexpr bool names_its_target = std::is_same_v<std::remove_cvref_t<Field>, conversation_id>;

} // namespace

const conversation_id* target_of(const command& what) noexcept {
  return std::visit(
      [](const auto& asked) -> const conversation_id* {
        if constexpr (requires { requires names_its_target<decltype(asked.conversation)>; })
          return &asked.conversation;
        else
          return nullptr;
      },
      what);
}

std::optional<envelope> command_window::next() {
  if (waiting_.empty())
    return std::nullopt;
  const conversation_id* target = target_of(waiting_.front().what);
  if (in_flight_ > 0 && (target == nullptr || *target != target_))
    return std::nullopt;
  target_ = target ? *target : conversation_id{};
  ++in_flight_;
  envelope first = std::move(waiting_.front());
  waiting_.pop_front();
  return first;
}

} // namespace parley
