// The stages of a message's way, each of which can be run alone and always does the same.
#pragma once

#include <cstdint>

namespace parley::counts {

/// Each runs its stage `rounds` times, on a stage that is warm, and returns how many messages or
/// deliveries that were.
std::uint64_t decode(std::uint64_t rounds);
std::uint64_t decode_json(std::uint64_t rounds);
std::uint64_t conversation(std::uint64_t rounds);
std::uint64_t batch_of_1(std::uint64_t rounds);
std::uint64_t batch_of_32(std::uint64_t rounds);
std::uint64_t encode(std::uint64_t rounds);
std::uint64_t encode_json(std::uint64_t rounds);
std::uint64_t shard_of_1(std::uint64_t rounds);
std::uint64_t shard_of_32(std::uint64_t rounds);

} // namespace parley::counts
