// The one way a measurement ends without a number: a sentence that says what went wrong.
#pragma once

#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace parley::bench {

/// Ends the run; `main` prints the sentence to standard error and exits with status 1.
class Failure : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Throws a Failure whose text is all parts one after another.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  throw Failure(text.str());
}

/// The same for a failed system call; adds what errno says.
template <class... Parts>
[[noreturn]] void fail_errno(const Parts&... parts) {
  const int error = errno;
  fail(parts..., ": ", std::strerror(error));
}

} // namespace parley::bench
