// Checks that of many conversations every connected member gets every message once, in order.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/connection.hpp"

namespace parley::bench {

/// Unlike with DeliveryCheck, a connection may follow any number of conversations.
class GroupCheck {
public:
  /// A conversation whose last number so far is `head`, and the connections that are to get what
  /// follows; returns its place in the list.
  std::size_t add(std::string id, std::uint64_t head, std::span<const std::size_t> followers);

  std::size_t size() const { return groups_.size(); }
  const std::string& id_of(std::size_t group) const { return groups_[group].id; }
  std::uint64_t head_of(std::size_t group) const { return groups_[group].head; }
  std::size_t followers_of(std::size_t group) const { return groups_[group].followers.size(); }
  /// The connection of one of them.
  std::size_t follower(std::size_t group, std::size_t nth) const {
    return groups_[group].followers[nth].connection;
  }
  /// The number that this follower has got to.
  std::uint64_t seen_by(std::size_t group, std::size_t nth) const {
    return groups_[group].followers[nth].last_seq;
  }

  /// A `sent`: one more message that all followers must get. Returns the conversation's place.
  std::size_t acknowledged(const Connection& connection, const Envelope& sent);
  /// A numbered event: it must be a message with the number that is next. Returns likewise.
  std::size_t received(const Connection& connection, const Envelope& event);

  std::uint64_t deliveries() const { return deliveries_; }
  bool complete() const { return deliveries_ == expected_; }
  /// "3 deliveries", for a failure's text.
  std::string missing() const { return std::to_string(expected_ - deliveries_) + " deliveries"; }
  /// Fails unless every conversation counts exactly the acknowledged messages and every follower
  /// stands at its head.
  void verify() const;

private:
  struct Follower {
    std::size_t connection;
    std::uint64_t last_seq;
  };
  struct Group {
    std::string id;
    std::uint64_t head_at_start;
    std::uint64_t head;
    std::uint64_t acknowledged;
    std::vector<Follower> followers; // by connection
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::size_t find(const Connection& connection, const Envelope& envelope) const;

  std::vector<Group> groups_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> places_;
  std::uint64_t deliveries_ = 0;
  std::uint64_t expected_ = 0;
};

} // namespace parley::bench
