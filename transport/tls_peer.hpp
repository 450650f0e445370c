// Who a TLS server must prove to be, for connections that we make.
#pragma once

#include <string>

#include <openssl/ssl.h>

#include "actors/errors.hpp"

namespace parley {

/// The certificate must be for this name or address (RFC 6125), and the server is told which name
/// is meant (RFC 6066, section 3). `internal` when OpenSSL takes no such name.
outcome expect_name(SSL* tls, const std::string& host);

} // namespace parley
