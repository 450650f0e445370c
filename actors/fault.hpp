// Faults that are planted on purpose, so that the proof can show what it finds. Only a build with
// PARLEY_FAULTS has them: elsewhere both functions are nothing at all.
#pragma once

#include <string_view>

namespace parley {

#ifdef PARLEY_FAULTS

/// A step on the way of a message: with PARLEY_FAILPOINT=<name>:<k> in the environment the k-th
/// passage ends the process at once, as `kill -9` does.
void failpoint(std::string_view name);

/// Whether the code beside it shall be wrong now: with PARLEY_MUTANT=<name> each time it is asked,
/// with <name>:<n> every n-th time.
bool mutant(std::string_view name);

#else

constexpr void failpoint(std::string_view /*name*/) {}
constexpr bool mutant(std::string_view /*name*/) { return false; }

#endif

} // namespace parley
