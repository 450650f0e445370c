// TLS 1.2 and 1.3 with forward secrecy (RFC 9325); nothing is kept to resume from.
#include "transport/tls_context.hpp"

#include <array>
#include <string_view>

#include <openssl/err.h>

namespace parley {

namespace {

/// What OpenSSL says of the first thing that went wrong; nothing of it is left behind.
std::string reason() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_error(), text.data(), text.size());
  ERR_clear_error();
  const std::string_view whole = text.data();
  return std::string{whole.substr(whole.rfind(':') + 1)};
}

failure unusable(const std::string& file, const std::string& why) {
  return {error_code::unavailable, "cannot use " + file + ": " + why, {}};
}

/// Instead of OpenSSL's own, which asks on the terminal.
int no_password(char*, int, int, void*) { return -1; }

/// HTTP/1.1 is all that is spoken here; who offers only others is told so (RFC 7301, section 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  constexpr std::string_view ours = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned int>(ours.size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void agree(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20"); // of 1.2; all of 1.3 are good
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // An idle connection keeps no buffers, and one system call reads a record, or many small ones.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, &no_password);
}

} // namespace

result<std::shared_ptr<const tls_context>> tls_context::read(const std::string& cert_file,
                                                             const std::string& key_file) {
  ERR_clear_error();
  context made{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  if (!made)
    return failure{error_code::unavailable, "cannot set up TLS: " + reason(), {}};
  agree(made.get());
  if (SSL_CTX_use_certificate_chain_file(made.get(), cert_file.c_str()) != 1)
    return unusable(cert_file, reason());
  if (SSL_CTX_use_PrivateKey_file(made.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(made.get()) != 1)
    return unusable(key_file, reason());
  return std::shared_ptr<const tls_context>{new tls_context{std::move(made)}};
}

tls_context::connection tls_context::open() const {
  connection made{SSL_new(context_.get()), &SSL_free};
  if (made)
    SSL_set_accept_state(made.get());
  return made;
}

} // namespace parley
