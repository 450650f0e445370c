// MessagePack in its shortest form, so that the same content is the same bytes however it came.
#pragma once

#include <string>
#include <string_view>

namespace parley {

/// One value, which `take_value` found to be in bounds and without flaw, with every head as short
/// as can be. Floating-point numbers stay as precise as they were; keys keep their order.
std::string shortest_form(std::string_view value);

} // namespace parley
