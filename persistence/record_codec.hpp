// Batches of records as bytes of the log: format byte, checksum, one MessagePack array per record.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actors/errors.hpp"
#include "actors/record.hpp"

namespace parley {

/// The version of the batch format that is written.
inline constexpr unsigned char batch_format = 9;

/// The bytes of one batch. `introduction` is not among them: nothing in it is new.
std::string encode_batch(std::span<const record_ptr> records);

/// The records of a batch; `internal` for anything that encode_batch did not write. Ids that could
/// not be keys of the store, or numbers that count from 1 and are 0, are refused as well.
result<std::vector<record_ptr>> decode_batch(std::string_view bytes);

/// An upper bound of what a record takes in a batch, in bytes.
std::size_t encoded_bound(const record& what) noexcept;

/// Whether a record can be stored at all: its ids and numbers are in range.
bool is_storable(const record& what) noexcept;

} // namespace parley
