// The body of an HTTP request, whichever way its length is said.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace parley {

/// Takes a request's body out of what is received, as it comes.
class body_reader {
public:
  /// `head` is the request's head, which was found to be good.
  explicit body_reader(std::string_view head);
  ~body_reader();
  body_reader(const body_reader&) = delete;
  body_reader& operator=(const body_reader&) = delete;

  /// Takes what was received and gives what of it is the body's.
  std::string take(std::string_view received);
  /// All of it was taken.
  bool is_done() const;
  /// It is no body.
  bool is_broken() const noexcept { return is_broken_; }
  /// What was received behind it, once it is done.
  std::string rest() && { return std::move(waiting_); }

private:
  struct parser;
  std::unique_ptr<parser> parser_;
  std::string waiting_; ///< Received and not understood yet, or behind the body.
  bool is_broken_ = false;
};

} // namespace parley
