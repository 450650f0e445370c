// A struct's list of named fields, from which the codec reads it and the log formats it.
#pragma once

#include <string_view>
#include <type_traits>

namespace parley {

/// Calls `f(name, value)` for each field of `x`, in the order of the struct's list: `fields(each)`
/// calls `each` with a field's name on the wire and where it is kept.
template <class Struct, class F>
void for_each_field(Struct& x, F&& f) {
  std::remove_const_t<Struct>::fields(
      [&](std::string_view name, auto member) { f(name, x.*member); });
}

} // namespace parley
