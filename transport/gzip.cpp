// The fastest level: it takes a quarter of the time of the usual one, and JSON is small with it
// already.
#include "transport/gzip.hpp"

#include <zlib.h>

namespace parley {

std::optional<std::string> gzip(std::string_view bytes) {
  constexpr int with_gzip_header = 15 + 16;
  constexpr int memory = 8; // the default
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, with_gzip_header, memory,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return std::nullopt;
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return is_whole ? std::optional{std::move(out)} : std::nullopt;
}

} // namespace parley
