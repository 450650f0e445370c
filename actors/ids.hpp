// Strong types for everything that names or numbers something, so that they cannot be mixed up.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace parley {

/// A textual id of one kind; `Tag` keeps users, devices and conversations apart.
template <class Tag>
class text_id {
public:
  text_id() = default;
  explicit text_id(std::string value) : value_(std::move(value)) {}

  const std::string& str() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }

  friend bool operator==(const text_id&, const text_id&) = default;
  friend std::strong_ordering operator<=>(const text_id& a, const text_id& b) {
    return a.value_.compare(b.value_) <=> 0;
  }

private:
  std::string value_;
};

using user_id = text_id<struct user_tag>;                 ///< The token's `sub`.
using device_id = text_id<struct device_tag>;             ///< One installation of a client.
using conversation_id = text_id<struct conversation_tag>; ///< Names a conversation for ever.
using client_id = text_id<struct client_tag>;             ///< The client's name for one command.
using file_id = text_id<struct file_tag>;                 ///< Names what was uploaded, for ever.

/// Some users, read by several threads; null for none.
using user_list_ptr = std::shared_ptr<const std::vector<user_id>>;

/// A whole number of one kind, counted from 1; 0 means "none yet".
template <class Tag>
class ordinal {
public:
  constexpr ordinal() = default;
  constexpr explicit ordinal(std::uint64_t value) : value_(value) {}

  constexpr std::uint64_t value() const noexcept { return value_; }
  constexpr ordinal next() const noexcept { return ordinal{value_ + 1}; }
  /// The number before this one; the one before 0 is 0.
  constexpr ordinal previous() const noexcept { return ordinal{value_ ? value_ - 1 : 0}; }

  friend constexpr auto operator<=>(ordinal, ordinal) = default;

private:
  std::uint64_t value_ = 0;
};

using sequence =
    ordinal<struct sequence_tag>; ///< The number of an event in its conversation (`seq`).
using position = ordinal<struct position_tag>; ///< The number of a batch in the log.
using message_ordinal =
    ordinal<struct message_tag>; ///< The number of a message among the messages.

using append_number = ordinal<struct append_tag>; ///< The place of an append in its conversation's
                                                  ///< line, for as long as that is in memory.

/// Names one socket of one transport shard, never reused while the server runs.
struct session_address {
  std::uint32_t shard = 0;
  std::uint64_t number = 0;
  friend auto operator<=>(const session_address&, const session_address&) = default;
};

/// The session's name on the wire: shard and number.
inline std::string to_text(const session_address& session) {
  return std::to_string(session.shard) + "-" + std::to_string(session.number);
}

/// What a client put into `ref`, echoed in the answer; absent when the client wants no answer.
using reference = std::variant<std::monostate, std::int64_t, std::string>;

} // namespace parley

/// Not noexcept: libstdc++'s tables then keep each element's hash beside it, instead of computing
/// it anew for whatever they pass in a bucket.
template <class Tag>
struct std::hash<parley::text_id<Tag>> {
  std::size_t operator()(const parley::text_id<Tag>& id) const {
    return std::hash<std::string>{}(id.str());
  }
};
