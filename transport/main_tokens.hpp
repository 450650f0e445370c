// Who is believed: the server's own key, or the public keys of others.
#pragma once

#include <functional>
#include <string_view>

#include "actors/interfaces.hpp"
#include "transport/cli.hpp"

namespace parley {

/// Whose token it is; may be called by several threads at once.
using authenticator = std::function<result<identity>(std::string_view token, timestamp now)>;

/// What the options ask for. Makes the server's own key when it is needed and missing. Leaves word
/// in the data directory, which must exist, for `parleyd token`. What fails is said in the failure.
result<authenticator> open_authenticator(const serve_options& options);

} // namespace parley
