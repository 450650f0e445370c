// One list of named fields per struct, from which the codec reads it and the log formats it.
#pragma once

#include <string_view>
#include <tuple>

namespace parley {

/// A field's name on the wire and where it is kept.
template <class Struct, class Value>
struct field {
  std::string_view name;
  Value Struct::*member;
};
template <class Struct, class Value>
field(const char*, Value Struct::*) -> field<Struct, Value>;

/// Calls `f(name, value)` for each field of `x`, in the order of the struct's list.
template <class Struct, class F>
void for_each_field(Struct& x, F&& f) {
  std::apply([&](const auto&... each) { (f(each.name, x.*(each.member)), ...); },
             std::remove_const_t<Struct>::fields());
}

} // namespace parley
