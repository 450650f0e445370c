// Keeps the receipts of archives that the operator made beside a server at work.
#pragma once

#include <string>
#include <string_view>

#include "actors/context.hpp"
#include "transport/main_control.hpp"

namespace parley {

/// What such a command begins with; the receipt follows, as it is kept, in base64url.
inline constexpr std::string_view exported_command = "exported ";

/// Answers with `done ` once it is on disk, or with `failed WHY`.
void keep_export(const context_ptr& context, const std::string& receipt, control_line& with);

} // namespace parley
