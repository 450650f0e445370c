// What the operator asks a server at work about users who are erased.
#pragma once

#include <string>

#include "actors/context.hpp"
#include "transport/main_control.hpp"

namespace parley {

/// `erase POLICY USER` begins and answers with the receipt, `erasure RECEIPT` says what it is now.
/// Answers are `done JSON` or `failed WHY`.
void serve_erasure(const context_ptr& context, const std::string& command, control_line& with);

} // namespace parley
