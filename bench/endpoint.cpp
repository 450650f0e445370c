// Splits a URL and resolves its host once.
#include "bench/endpoint.hpp"

#include <netdb.h>

#include "bench/failure.hpp"

namespace parley::bench {
namespace {

sockaddr_in resolve(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    fail("cannot resolve ", host, ":", port, ": ", gai_strerror(error));
  sockaddr_in address{};
  std::memcpy(&address, found->ai_addr, sizeof address);
  freeaddrinfo(found);
  return address;
}

} // namespace

Endpoint parse_endpoint(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos ||
      (url.substr(0, scheme) != "ws" && url.substr(0, scheme) != "http"))
    fail("not a ws:// or http:// address: ", url);
  const auto rest = url.substr(scheme + 3);
  const auto slash = rest.find('/');
  const std::string host(rest.substr(0, slash));
  const auto colon = host.rfind(':');
  if (colon == std::string::npos)
    fail("no port in the address ", url);
  const bool has_path = slash != std::string_view::npos && slash + 1 < rest.size();
  return {resolve(host.substr(0, colon), host.substr(colon + 1)), host,
          has_path ? std::string(rest.substr(slash)) : "/v1/ws"};
}

} // namespace parley::bench
