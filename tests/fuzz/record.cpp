// Batches of the log under a checksum that is right, so that it hides nothing.
#include <string>

#include "persistence/checksum.hpp"
#include "persistence/record_codec.hpp"
#include "tests/fuzz/decoders.hpp"

namespace parley::fuzz {

void read_record(std::string_view bytes) {
  (void)decode_batch(bytes);
  std::string batch(1, static_cast<char>(batch_format));
  append_big_endian(batch, checksum_of(bytes, batch_format));
  const auto records = decode_batch(batch.append(bytes));
  if (!records)
    return;
  std::size_t bound = 16;
  for (const auto& each : *records)
    bound += encoded_bound(*each);
  const std::string written = encode_batch(*records);
  promise(written.size() <= bound, "a record takes no more than its bound");
  const auto again = decode_batch(written);
  promise(again.ok(), "a batch that was read can be written");
  promise(encode_batch(*again) == written, "a batch that was written says the same again");
}

} // namespace parley::fuzz
