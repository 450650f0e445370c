// Commands about invitations: who is asked into a conversation, and what they say to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/ids.hpp"
#include "actors/permissions.hpp"

namespace parley {

/// Asks users into a group or channel, who become members when they accept.
struct invite_users {
  static constexpr std::string_view name = "invite";
  conversation_id conversation;
  std::vector<user_id> users;
  std::optional<role> as = {};
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &invite_users::conversation);
    each("users", &invite_users::users);
    each("role", &invite_users::as);
    each("client_id", &invite_users::client);
  }
};

/// Takes an invitation up.
struct accept_invitation {
  static constexpr std::string_view name = "accept";
  conversation_id conversation;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &accept_invitation::conversation);
    each("client_id", &accept_invitation::client);
  }
};

/// Turns an invitation down.
struct decline_invitation {
  static constexpr std::string_view name = "decline";
  conversation_id conversation;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &decline_invitation::conversation);
    each("client_id", &decline_invitation::client);
  }
};

/// Takes an invitation back.
struct uninvite_user {
  static constexpr std::string_view name = "uninvite";
  conversation_id conversation;
  user_id user;
  std::optional<client_id> client = {};
  static void fields(auto&& each) {
    each("conversation", &uninvite_user::conversation);
    each("user", &uninvite_user::user);
    each("client_id", &uninvite_user::client);
  }
};

/// Asks who is invited to a conversation.
struct get_invited {
  static constexpr std::string_view name = "invited";
  conversation_id conversation;
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static void fields(auto&& each) {
    each("conversation", &get_invited::conversation);
    each("limit", &get_invited::limit);
    each("cursor", &get_invited::cursor);
  }
};

/// Asks what one is invited to.
struct list_invitations {
  static constexpr std::string_view name = "invitations";
  std::optional<std::uint64_t> limit = {};
  std::optional<std::string> cursor = {};
  static void fields(auto&& each) {
    each("limit", &list_invitations::limit);
    each("cursor", &list_invitations::cursor);
  }
};

} // namespace parley
