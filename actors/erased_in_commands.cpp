// Mentions of who is being erased are left out.
#include "actors/erased_in_commands.hpp"

#include <memory>
#include <vector>

#include "actors/rules.hpp"

namespace parley {

namespace {

template <class Message>
std::optional<conversation_command> without_names(const Message& what,
                                                  const erasing_users& erasing) {
  if (!what.mentions || !erasing.contains_any(*what.mentions))
    return std::nullopt;
  Message now = what;
  std::erase_if(*now.mentions, [&](const user_id& user) { return erasing.contains(user); });
  auto note = what.screened ? std::make_shared<screening_note>(*what.screened)
                            : std::make_shared<screening_note>();
  note->as_said = rules::fingerprint_of(what);
  now.screened = std::move(note);
  return conversation_command{std::move(now)};
}

} // namespace

std::optional<conversation_command> without_erased(const conversation_command& what,
                                                   const erasing_users& erasing) {
  if (const auto* send = std::get_if<send_message>(&what))
    return without_names(*send, erasing);
  if (const auto* edit = std::get_if<edit_message>(&what))
    return without_names(*edit, erasing);
  return std::nullopt;
}

failure erased_refusal() {
  return {error_code::not_found, "one of these users is being erased", {}};
}

} // namespace parley
