// Makes the conversations a question needs, before the connections that are measured come up.
#pragma once

#include <span>

#include "bench/accounts.hpp"
#include "bench/delivery_check.hpp"
#include "bench/endpoint.hpp"
#include "bench/fleet.hpp"
#include "bench/target.hpp"

namespace parley::bench {

/// Makes `conversations` groups over connections of their own: account i is a member of group
/// i mod `conversations`, whose owner is the account of the group's number. Enters them and who
/// follows them into the check; connections that sign in afterwards see them from there on.
void create_conversations(const Endpoint& endpoint, std::span<const Account> accounts,
                          std::size_t conversations, DeliveryCheck& check, double patience_seconds);

/// The same on any kind of server. One that keeps no members has its store made ready instead, and
/// the rooms get names and followers in the check; who is connected must then enter.
void create_conversations(const Target& target, std::size_t conversations, DeliveryCheck& check,
                          double patience_seconds);

/// Has every connection enter the conversation it follows, one after another, if its server keeps
/// no members; otherwise does nothing.
void enter_conversations(Fleet& fleet, const DeliveryCheck& check, double patience_seconds);

} // namespace parley::bench
