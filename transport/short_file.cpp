// One byte more than is allowed tells a long file from one that is just short enough.
#include "transport/short_file.hpp"

#include <algorithm>
#include <fstream>

namespace parley {

result<std::string> read_short_file(const std::string& file, std::size_t most) {
  std::ifstream in{file, std::ios::binary};
  std::string text;
  if (in) {
    text.resize(most + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  }
  if (!in.is_open() || in.bad())
    return failure{error_code::unavailable, "cannot read " + file, {}};
  if (text.size() > most)
    return failure{error_code::bad_request, "cannot use " + file + ": it is too long", {}};
  return text;
}

} // namespace parley
