// The server's certificate and key, and what is agreed with every client that connects under them.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "actors/errors.hpp"

namespace parley {

/// Immutable; connections may be opened from several threads at once. Those that are open keep what
/// they need of it.
class tls_context {
public:
  /// Reads a chain of certificates, the server's own first, and the key of that one; both PEM, the
  /// key without a password. `unavailable`, naming the file, when they cannot be used.
  static result<std::shared_ptr<const tls_context>> read(const std::string& cert_file,
                                                         const std::string& key_file);

  using connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

  /// The server's end of a new connection, or null when memory has run out.
  connection open() const;

private:
  using context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

  explicit tls_context(context made) : context_(std::move(made)) {}

  context context_;
};

/// Null: the server speaks plain HTTP.
using tls_ptr = std::shared_ptr<const tls_context>;

} // namespace parley
