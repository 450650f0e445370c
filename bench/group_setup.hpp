// Makes many conversations at once, each of the members it is given.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/accounts.hpp"
#include "bench/endpoint.hpp"

namespace parley::bench {

/// The numbers of the accounts that are a conversation's members; the first makes it.
using Members = std::vector<std::size_t>;

struct Founded {
  std::string id;
  std::uint64_t head;
};

/// Makes a group for each of the lists of members (at most 500 each), over connections of those who
/// make them, which are closed again; returns them in the same order.
std::vector<Founded> found_groups(const Endpoint& endpoint, std::span<const Account> accounts,
                                  std::span<const Members> groups, double patience_seconds);

/// One account, a member of all of them, writes so many messages into each; their heads follow.
void write_into_each(const Endpoint& endpoint, const Account& writer, std::span<Founded> groups,
                     std::size_t messages, std::size_t body_bytes, double patience_seconds);

} // namespace parley::bench
