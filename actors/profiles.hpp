// What users show of themselves: a name, a picture, a few words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/ids.hpp"
#include "actors/time.hpp"

namespace parley {

/// What a command gives to a text that may be taken away: empty, or `null` on the wire, for that.
struct erasable_text {
  std::string text;
  friend bool operator==(const erasable_text&, const erasable_text&) = default;
};

/// What others see of a user.
struct user_profile {
  std::string name = {};
  std::string avatar = {}; ///< An address or a reference of the application's own.
  std::string text = {};
  timestamp at{}; ///< When it was changed last; the epoch when there was never one.
  friend bool operator==(const user_profile&, const user_profile&) = default;
};

/// A user's profile among others.
struct listed_profile {
  user_id user;
  user_profile what;
};

/// Asks for a profile: of one user, of several, or one's own.
struct get_profile {
  static constexpr std::string_view name = "profile";
  std::optional<user_id> user = {};
  std::optional<std::vector<user_id>> users = {};
  static void fields(auto&& each) {
    each("user", &get_profile::user);
    each("users", &get_profile::users);
  }
};

/// Changes one's own; what is absent stays.
struct set_profile {
  static constexpr std::string_view name = "set_profile";
  std::optional<erasable_text> shown_name = {};
  std::optional<erasable_text> avatar = {};
  std::optional<erasable_text> text = {};
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("name", &set_profile::shown_name);
    each("avatar", &set_profile::avatar);
    each("text", &set_profile::text);
    each("client_id", &set_profile::client);
  }
};

/// The token of a `hello` names its user, who may have no profile yet; no client's command.
struct introduce_user {
  std::string shown_name;
  std::optional<client_id> client = {}; ///< Never there.
};

} // namespace parley
