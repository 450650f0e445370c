// A name is sent along and compared; an address is compared alone.
#include "transport/tls_peer.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/x509v3.h>

namespace parley {

outcome expect_name(SSL* tls, const std::string& host) {
  boost::system::error_code code;
  boost::asio::ip::make_address(host, code);
  const bool done = code ? SSL_set1_host(tls, host.c_str()) == 1 &&
                               SSL_set_tlsext_host_name(tls, const_cast<char*>(host.c_str())) == 1
                         : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1;
  return done ? success() : outcome{failure{error_code::internal, "TLS takes no such name", {}}};
}

} // namespace parley
