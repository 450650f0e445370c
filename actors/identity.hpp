// Whose session it is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "actors/ids.hpp"
#include "actors/time.hpp"

namespace parley {

/// Who a session turned out to be, and how long its token is good.
struct identity {
  user_id user;
  device_id device;
  timestamp expires_at{};
  bool admin = false;
  bool operates = false; ///< An administrator who does here what operators may: for one request.
  std::shared_ptr<const std::string> name = {}; ///< What the token calls them, if it does.
};
/// A session as its shard knows it.
struct known_session {
  user_id user;
  device_id device;
  std::uint64_t number = 0;
};

} // namespace parley
