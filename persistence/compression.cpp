// The only file that includes zstd.
#include "persistence/compression.hpp"

#include <new>

#include <zstd.h>

namespace parley {

compressor::compressor(int level) : work_(ZSTD_createCCtx()), level_(level) {
  if (work_ == nullptr)
    throw std::bad_alloc{};
}

compressor::~compressor() { ZSTD_freeCCtx(work_); }

std::string compressor::pack(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compressCCtx(work_, packed.data(), packed.size(), bytes.data(), bytes.size(), level_);
  if (ZSTD_isError(size) != 0) // there is room for any result, so it is memory that lacks
    throw std::bad_alloc{};
  packed.resize(size);
  packed.shrink_to_fit();
  return packed;
}

decompressor::decompressor() : work_(ZSTD_createDCtx()) {
  if (work_ == nullptr)
    throw std::bad_alloc{};
}

decompressor::~decompressor() { ZSTD_freeDCtx(work_); }

std::optional<std::string> decompressor::unpack(std::string_view packed, std::size_t bytes) {
  std::string unpacked(bytes, '\0');
  const std::size_t size =
      ZSTD_decompressDCtx(work_, unpacked.data(), unpacked.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0 || size != bytes)
    return std::nullopt;
  return unpacked;
}

} // namespace parley
