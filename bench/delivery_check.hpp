// Checks that every connection gets every message of its conversation once, in order.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "bench/connection.hpp"

namespace parley::bench {

class DeliveryCheck {
public:
  explicit DeliveryCheck(std::size_t connections) : places_(connections), early_(connections) {}

  /// A conversation whose last number so far is `head`; returns its place in the list.
  std::size_t add_conversation(std::string id, std::uint64_t head);
  /// For a server that does not number what it delivers: a message is known by the `ref` it was
  /// sent with, and must come once, in any order.
  void count_by_ref() { by_ref_ = true; }
  /// A command to send leaves with this ref; a ref is one higher than the one before or more.
  void sending(const Connection& connection, std::uint64_t ref) {
    if (by_ref_)
      number(connection, ref);
  }
  /// The connection must see this conversation from the number after its head.
  void follow(std::size_t connection, std::size_t conversation);

  const std::string& conversation_of(const Connection& connection) const {
    return conversations_[places_[connection.index()].conversation].id;
  }

  /// A `sent`: one more message that all followers must get.
  void acknowledged(const Connection& connection, const Envelope& sent);
  /// Any other envelope: a message must carry the next number; other numbered events, which nobody
  /// here causes, are failures, and the rest is of no concern.
  void received(const Connection& connection, const Envelope& event);

  /// A `gap` must begin with the next number; what it names counts as left out.
  void left_out(const Connection& connection, const Envelope& gap);

  std::uint64_t deliveries() const { return deliveries_; }
  std::uint64_t left_out() const { return left_out_; }
  /// True when as many messages have been delivered or left out as were acknowledged, times their
  /// followers.
  bool complete() const { return deliveries_ + left_out_ == expected_; }
  /// "3 deliveries", for a failure's text.
  std::string missing() const {
    return std::to_string(expected_ - deliveries_ - left_out_) + " deliveries";
  }
  /// Fails unless every conversation counts exactly the acknowledged messages and every connection
  /// stands at its head.
  void verify() const;

private:
  struct Conversation {
    std::string id;
    std::uint64_t head_at_start;
    std::uint64_t head;
    std::uint64_t acknowledged;
    std::size_t followers;
    std::uint64_t sent; // counted by ref only
  };
  struct Place {
    std::size_t conversation = 0;
    std::uint64_t last_seq = 0;
  };

  void number(const Connection& connection, std::uint64_t ref);
  void received_by_ref(const Connection& connection, const Envelope& message);
  [[noreturn]] void refuse(const Connection& connection, const Envelope& event) const;

  std::vector<Conversation> conversations_;
  std::vector<Place> places_;
  std::vector<std::set<std::uint64_t>> early_; // of each connection: beyond the next number
  std::vector<std::uint32_t> number_of_ref_;   // in its conversation, by order of sending; 0: none
  std::uint64_t deliveries_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t expected_ = 0;
  bool by_ref_ = false;
};

} // namespace parley::bench
