// Runs of old events, compressed, under a checksum that is right.
#include "persistence/cold_segment.hpp"

#include <string>

#include "tests/fuzz/decoders.hpp"

namespace parley::fuzz {

namespace {

void open_segment(std::string_view key, const std::string& value) {
  decompressor with;
  const auto opened = cold_segment::open(key, value, with);
  if (!opened)
    return;
  const cold_segment& one = **opened;
  promise(!one.events().empty() && one.find(one.last()) != nullptr, "a segment has its last event");
  segment_maker maker;
  maker.begin(one.first());
  for (const auto& each : one.events())
    maker.add(each);
  compressor pack{1};
  const std::string again = maker.value(std::string{key}, pack);
  const auto same = cold_segment::open(key, again, with);
  promise(same.ok() && (*same)->events().size() == one.events().size(),
          "a segment that was read can be written");
}

} // namespace

// The last number of the segment, whether what follows is packed already, its length, and it.
void read_cold_segment(std::string_view bytes) {
  const std::string key = event_key(conversation_id{"room"}, sequence{take_byte(bytes)});
  const bool is_packed = take_byte(bytes) % 2 != 0;
  const sequence first{take_byte(bytes)};
  compressor pack{1};
  const std::uint64_t size = is_packed ? take_byte(bytes) * std::uint64_t{257} : bytes.size();
  const std::string packed = is_packed ? std::string{bytes} : pack.pack(bytes);
  open_segment(key, encode_row(key, cold_row{first, size, packed}));
}

} // namespace parley::fuzz
