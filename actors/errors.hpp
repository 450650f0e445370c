// The errors a client can be told, the ways a socket is closed, and values that carry either.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace parley {

/// What went wrong, as told to clients; the names on the wire are in `describe`.
enum class error_code : std::uint8_t {
  bad_request,     ///< The command is malformed or makes no sense.
  unknown_type,    ///< No command has this `type`.
  unauthenticated, ///< No token, or one that does not verify.
  token_expired,   ///< The token was good once.
  forbidden,    ///< A member asked for what the role does not allow, or a device is one too many.
  not_found,    ///< There is no such thing, or the asker may not know of it.
  conflict,     ///< The same `client_id` was used for other content.
  too_large,    ///< A body, list or frame exceeds its announced limit.
  rate_limited, ///< Too many commands; `retry_after_ms` says when.
  slow_mode,    ///< The conversation allows one message per interval.
  frozen,       ///< The conversation takes no messages now.
  overloaded,   ///< The server sheds load; try again later.
  unavailable,  ///< The server cannot write now (disk full, draining).
  internal,     ///< A fault of ours.
};

inline constexpr std::size_t error_code_count = static_cast<std::size_t>(error_code::internal) + 1;

/// Close codes of RFC 6455, section 7.4.1, and the application's own (4000-4999).
enum class close_code : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  wrong_kind = 1003,
  malformed = 1007,
  policy = 1008,
  too_large = 1009,
  internal = 1011,
  restart = 1012,
  overloaded = 1013,
  unauthenticated = 4401,
  forbidden = 4403,
  no_hello = 4408,
  too_slow_or_fast = 4429,
};

/// One row of the table that maps an error to the wire, to HTTP and to WebSocket.
struct error_description {
  error_code code;
  std::string_view name; ///< `code` on the wire.
  int http_status;       ///< RFC 9110 status for REST.
  close_code close;      ///< How a session ends when the error is fatal to it.
};

/// The table's row for `code`.
const error_description& describe(error_code code) noexcept;

/// A refusal: a code clients may rely on, a text they may show, and when to try again.
struct failure {
  error_code code = error_code::internal;
  std::string message;
  std::optional<std::chrono::milliseconds> retry_after;
};

/// Either a value or a failure; the engine reports errors as values, never as exceptions.
template <class T>
class result {
public:
  result(T value) : state_(std::move(value)) {}   // NOLINT(google-explicit-constructor)
  result(failure why) : state_(std::move(why)) {} // NOLINT(google-explicit-constructor)

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const failure& error() const { return std::get<1>(state_); }

private:
  std::variant<T, failure> state_;
};

/// The result of something that returns nothing when it works.
using outcome = result<std::monostate>;
inline outcome success() { return std::monostate{}; }

} // namespace parley
