// Bounds of notifications, with the reason for each.
#pragma once

#include <chrono>
#include <cstddef>

namespace parley::limits {

using namespace std::chrono_literals;

/// How long a message may be unread before who has no device at hand is told of it.
inline constexpr auto notify_after = 10s;
/// Conversations that the notifier remembers to look at: 20 MiB. Beyond that it reads from the
/// store what it did not remember.
inline constexpr std::size_t noticed_conversations = 100'000;
/// Conversations of which the store is asked at a time who has not read them.
inline constexpr std::size_t noticing_at_once = 32;
/// Members looked at in one portion, which one read transaction and one record hold.
inline constexpr std::size_t members_per_notice = 500;
/// In a conversation of more members only those whom a message names are told of it: looking at all
/// of them for each message would cost more than the message.
inline constexpr std::size_t notified_members = 1'000;
/// The newest messages that are looked at for names there, and the newest events among which they
/// are looked for.
inline constexpr std::size_t names_looked_at = 100;
inline constexpr std::size_t events_looked_at = 1'000;
/// Nobody is told of a message that is older when it is looked at: the server was off, or did not
/// notify anyone.
inline constexpr auto news_age = 24h;
/// Notifications that a user is told of one by one in so much time: what somebody takes in from a
/// screen. Those of further conversations are told of together: a hundred groups that all write at
/// once, or somebody who means it, wake nobody a hundred times.
inline constexpr std::size_t notices_one_by_one = 20;
inline constexpr auto notice_window = 60s;
/// Users of whom that is counted at a time: 10 MiB.
inline constexpr std::size_t noticed_users = 100'000;
/// How long a webhook that tells of many waits for more of them.
inline constexpr auto notices_gathered = 5s;
/// How long the notifier waits for what it decided to be on disk before it decides again.
inline constexpr auto notice_retry = 30s;
/// How often it writes down how far it has got, when there was something.
inline constexpr auto notice_progress = 60s;

} // namespace parley::limits
