// What may still be asked about a user who is being erased, as long as nobody may use their name.
#pragma once

#include <optional>
#include <type_traits>
#include <variant>

#include "actors/conversation_request.hpp"
#include "actors/erasures.hpp"

namespace parley {

/// Whether a command would write down anew whom somebody has erased: brings them in, keeps them
/// out, blocks them. Of any variant that has such commands.
template <class Command>
bool names_erased(const Command& asked, const erasing_users& erasing) {
  return std::visit(
      [&](const auto& what) {
        using kind = std::decay_t<decltype(what)>;
        if constexpr (std::is_same_v<kind, create>)
          return (what.members && erasing.contains_any(*what.members)) ||
                 (what.with && erasing.contains(*what.with));
        else if constexpr (std::is_same_v<kind, add_members> || std::is_same_v<kind, invite_users>)
          return erasing.contains_any(what.users);
        else if constexpr (std::is_same_v<kind, ban_user> || std::is_same_v<kind, unban_user> ||
                           std::is_same_v<kind, silence_member> ||
                           std::is_same_v<kind, change_role> || std::is_same_v<kind, block_user>)
          return erasing.contains(what.user);
        else
          return false;
      },
      asked);
}

/// The message, or the edit, without those of its mentions that are being erased; told apart from
/// others as it was said. Nothing for any other command.
std::optional<conversation_command> without_erased(const conversation_command& what,
                                                   const erasing_users& erasing);

/// What somebody is told who asks for it all the same.
failure erased_refusal();

} // namespace parley
