// The requests that we make: signed, so that who is asked or told knows by whom.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transport/http_line.hpp"

namespace parley {

/// A POST of JSON with this id, signed as of now (Standard Webhooks, standardwebhooks.com) unless
/// there are no secrets.
std::shared_ptr<http_line::request>
signed_request(const webhook_target& to, const std::string& agent, std::string_view id,
               timestamp now, const std::vector<std::string>& secrets, std::string body);

} // namespace parley
