// What an envelope of the server can be called: every `type` that is ever written, and whom it is
// for.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace parley {

/// Whom an envelope is for.
enum class envelope_use : std::uint8_t {
  answer,   ///< The session whose command asked for it.
  event,    ///< Sessions, by itself.
  both,     ///< Either; the two may have different fields.
  elsewhere ///< No session: webhooks, archives, REST.
};

/// A row of the table.
struct envelope_row {
  std::string_view name;
  envelope_use use = envelope_use::event;
};

/// All of them. docs/asyncapi.yaml describes those that sessions are sent.
inline constexpr std::array envelope_types{
    envelope_row{"welcome", envelope_use::answer},
    envelope_row{"pong", envelope_use::answer},
    envelope_row{"ok", envelope_use::answer},
    envelope_row{"sent", envelope_use::answer},
    envelope_row{"error", envelope_use::both},
    envelope_row{"conversation", envelope_use::both},
    envelope_row{"conversations", envelope_use::answer},
    envelope_row{"page", envelope_use::answer},
    envelope_row{"members", envelope_use::answer},
    envelope_row{"restrictions", envelope_use::answer},
    envelope_row{"holds", envelope_use::answer},
    envelope_row{"invited", envelope_use::both},
    envelope_row{"invitations", envelope_use::answer},
    envelope_row{"pins", envelope_use::answer},
    envelope_row{"versions", envelope_use::answer},
    envelope_row{"reactions", envelope_use::answer},
    envelope_row{"erasure", envelope_use::answer},
    envelope_row{"results", envelope_use::answer},
    envelope_row{"file", envelope_use::answer},
    envelope_row{"receipts", envelope_use::answer},
    envelope_row{"devices", envelope_use::answer},
    envelope_row{"presences", envelope_use::answer},
    envelope_row{"sessions", envelope_use::answer},
    envelope_row{"profile", envelope_use::both},
    envelope_row{"profiles", envelope_use::answer},
    envelope_row{"blocks", envelope_use::answer},
    envelope_row{"totals", envelope_use::answer},
    envelope_row{"notifications", envelope_use::answer},
    envelope_row{"preferences", envelope_use::both},
    envelope_row{"checkpoint", envelope_use::event},
    envelope_row{"synced", envelope_use::event},
    envelope_row{"reset", envelope_use::event},
    envelope_row{"gap", envelope_use::event},
    envelope_row{"bye", envelope_use::event},
    envelope_row{"message", envelope_use::event},
    envelope_row{"edited", envelope_use::event},
    envelope_row{"deleted", envelope_use::event},
    envelope_row{"reaction", envelope_use::event},
    envelope_row{"pinned", envelope_use::event},
    envelope_row{"joined", envelope_use::event},
    envelope_row{"left", envelope_use::event},
    envelope_row{"changed", envelope_use::event},
    envelope_row{"uninvited", envelope_use::event},
    envelope_row{"receipt", envelope_use::event},
    envelope_row{"typing", envelope_use::event},
    envelope_row{"trimmed", envelope_use::event},
    envelope_row{"hidden", envelope_use::event},
    envelope_row{"settings", envelope_use::event},
    envelope_row{"thread_read", envelope_use::event},
    envelope_row{"invitation", envelope_use::event},
    envelope_row{"invitation_over", envelope_use::event},
    envelope_row{"presence", envelope_use::event},
    envelope_row{"blocked", envelope_use::event},
    envelope_row{"notification", envelope_use::event},
    envelope_row{"dismissed", envelope_use::event},
    envelope_row{"withdrawn", envelope_use::elsewhere},
    envelope_row{"export", envelope_use::elsewhere},
};

constexpr bool is_envelope_type(std::string_view name) noexcept {
  for (const auto& each : envelope_types)
    if (each.name == name)
      return true;
  return false;
}

/// Never defined: whoever would call it while compiling has a name that the table lacks.
void no_such_envelope_type();

/// A name of the table; any other does not compile.
class envelope_type {
public:
  consteval envelope_type(const char* name) // NOLINT(google-explicit-constructor)
      : name_{name} {
    if (!is_envelope_type(name_))
      no_such_envelope_type();
  }
  constexpr std::string_view name() const noexcept { return name_; }

private:
  std::string_view name_;
};

} // namespace parley
