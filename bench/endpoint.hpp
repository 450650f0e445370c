// Where the server is.
#pragma once

#include <string>
#include <string_view>

#include <netinet/in.h>

namespace parley::bench {

struct Endpoint {
  sockaddr_in address;
  std::string host; // HOST:PORT, for the Host header
  std::string path;
};

/// Reads `ws://HOST:PORT[/path]` or `http://HOST:PORT`; the path defaults to /v1/ws. Resolves HOST
/// (IPv4) and fails when that is not possible.
Endpoint parse_endpoint(std::string_view url);

} // namespace parley::bench
