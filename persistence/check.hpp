// Looks whether a store is whole: every checksum, every number, every row that another one implies.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>

namespace parley {

/// Reads everything in a data directory without changing it, beside a running server or without
/// one, and writes a line per problem (the first hundred of them) and a summary to `out`. Returns
/// the number of problems. Not for a process that has the store open: LMDB locks by process.
std::size_t check(const std::filesystem::path& data, std::ostream& out);

} // namespace parley
