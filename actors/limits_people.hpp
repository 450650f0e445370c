// The bounds of what is told of users: profiles, typing and presence in large conversations.
#pragma once

#include <chrono>
#include <cstddef>

#include "actors/limits.hpp"

namespace parley::limits {

/// Bytes of the name in a profile: as many as an id, which it stands for on a screen.
inline constexpr std::size_t profile_name_bytes = 128;
/// Bytes of what users say of themselves: a few lines.
inline constexpr std::size_t profile_text_bytes = 512;
/// Bytes of what names a picture: what every browser takes as an address.
inline constexpr std::size_t profile_avatar_bytes = 2048;
/// Users in one `profile`: those on a screen.
inline constexpr std::size_t profiles_per_question = 100;
/// Steps through memberships until such a question gives up and leaves out whom it did not reach:
/// a tenth of a second.
inline constexpr std::size_t profile_steps = 5 * shared_steps;

/// Members beyond which a conversation is a crowd: typing is told once a tick, presence in numbers.
inline constexpr std::size_t crowd = 200;
/// Users who are named while they type; of more there is only a count.
inline constexpr std::size_t typists_named = 5;
static_assert(typists_named < typists);
/// Blocks of a user, in either direction, that are looked at before anything of the moment is told
/// of them; whoever has more is not shown.
inline constexpr std::size_t dealings = 1000;
/// Users whose blocks and switches a conversation keeps at hand, some hundred bytes each.
inline constexpr std::size_t acquaintances = 1000;
static_assert(acquaintances >= typists);
/// How old a count of who is there may be in a crowd: counting takes a millisecond or two.
inline constexpr auto survey_age = std::chrono::seconds{1};

/// Users whom a refusal names, where a block keeps them out of a conversation.
inline constexpr std::size_t blocked_named = 20;
/// Messages of somebody whom one has blocked that are looked at before notifications leave them
/// out: each may have been deleted, hidden or edited. Of more it is taken that they were not.
inline constexpr std::size_t unheard_messages = 500;
/// Such messages that are looked at for one page of notifications, or for one look at whom to
/// notify: some tenths of a second. Beyond that they are taken off by their number.
inline constexpr std::size_t unheard_looks = 20'000;
/// Lists of what somebody wrote that are looked for then: whoever has blocked a thousand people and
/// has a thousand notifications would ask for a million. Beyond that nothing is taken off.
inline constexpr std::size_t unheard_lists = 100'000;

} // namespace parley::limits
