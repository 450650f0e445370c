// What is true of a command in itself, whatever became of its conversation.
#include "actors/conversation_request.hpp"

#include <type_traits>

#include "actors/rules.hpp"

namespace parley {

const client_id* client_of(const conversation_command& what) {
  return std::visit(
      [](const auto& asked) -> const client_id* {
        if constexpr (std::is_same_v<std::decay_t<decltype(asked)>, send_message>)
          return &asked.client;
        else if constexpr (requires { asked.client; })
          return asked.client ? &*asked.client : nullptr;
        else
          return nullptr;
      },
      what);
}

bool needs_no_conversation(const conversation_command& what) {
  return std::holds_alternative<create>(what) || std::holds_alternative<block_user>(what) ||
         std::holds_alternative<unblock_user>(what) ||
         std::holds_alternative<set_notifications>(what) ||
         std::holds_alternative<dismiss_notifications>(what) ||
         std::holds_alternative<set_profile>(what) || std::holds_alternative<introduce_user>(what);
}

fingerprint content_of(const conversation_command& what) {
  return std::visit(
      [](const auto& asked) {
        if constexpr (requires { rules::fingerprint_of(asked); })
          return rules::fingerprint_of(asked);
        else
          return fingerprint{};
      },
      what);
}

bool only_reads(const conversation_command& what) noexcept {
  static_assert(
      std::is_same_v<std::variant_alternative_t<33, conversation_command>, set_preferences>);
  return what.index() > 33; // behind everything that changes something
}

bool moves_cursors(const conversation_command& what) noexcept {
  return std::holds_alternative<mark_delivered>(what) || std::holds_alternative<mark_read>(what) ||
         std::holds_alternative<mark_unread>(what);
}

bool is_about_receipts(const conversation_command& what) noexcept {
  return std::holds_alternative<get_receipts>(what) || std::holds_alternative<get_devices>(what);
}

bool goes_beside_others(const conversation_command& what) noexcept {
  if (const auto* kept = std::get_if<set_preferences>(&what))
    return !kept->client;
  return std::holds_alternative<send_message>(what) || moves_cursors(what);
}

} // namespace parley
