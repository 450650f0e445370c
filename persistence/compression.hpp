// zstd with errors as values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace parley {

/// Packs bytes; keeps what it works with.
class compressor {
public:
  explicit compressor(int level);
  ~compressor();
  compressor(const compressor&) = delete;
  compressor& operator=(const compressor&) = delete;

  std::string pack(std::string_view bytes);

private:
  ZSTD_CCtx_s* work_;
  int level_;
};

/// Unpacks bytes; keeps what it works with.
class decompressor {
public:
  decompressor();
  ~decompressor();
  decompressor(const decompressor&) = delete;
  decompressor& operator=(const decompressor&) = delete;

  /// Nothing unless they unpack to exactly so many bytes.
  std::optional<std::string> unpack(std::string_view packed, std::size_t bytes);

private:
  ZSTD_DCtx_s* work_;
};

} // namespace parley
