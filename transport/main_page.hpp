// Where the messages page comes from, and what it may do on a developer's machine.
#pragma once

#include <memory>

#include "transport/cli.hpp"
#include "transport/page.hpp"

namespace parley {

/// The page that the options name, or else the one beside the program or where packages put it, or
/// else none. A failure only for one that is named and cannot be used. The data directory must
/// exist where the options are a developer's.
result<std::shared_ptr<const built_page>> open_page(const serve_options& options);

} // namespace parley
