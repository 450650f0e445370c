// From a committed message to the frame on one socket: shared bytes, or JSON made of them.
#include "actors/encoding.hpp"
#include "bench/counts/sample.hpp"
#include "bench/counts/sink.hpp"
#include "bench/counts/stages.hpp"
#include "transport/frame_writer.hpp"

namespace parley::counts {

namespace {

/// One socket's way out.
class scene {
public:
  explicit scene(encoding spoken) : spoken_(spoken) {}

  void write(chunk_ptr what) {
    bool progressed = false;
    waiting_.push(std::move(what), instant{});
    const auto state = writer_.write(waiting_, spoken_, sink_, progressed);
    require(state == write_state::drained && progressed, "a frame was not written");
  }

private:
  encoding spoken_;
  outbox waiting_;
  frame_writer writer_;
  counting_sink sink_;
};

} // namespace

std::uint64_t encode(std::uint64_t rounds) {
  scene it{encoding::msgpack};
  const chunk_ptr shared = make_chunk(recorded(2)->event);
  for (std::uint64_t i = 0; i < rounds; ++i)
    it.write(shared);
  return rounds;
}

std::uint64_t encode_json(std::uint64_t rounds) {
  scene it{encoding::json};
  const std::string event = recorded(2)->event;
  for (std::uint64_t i = 0; i < rounds; ++i)
    it.write(make_chunk(event));
  return rounds;
}

} // namespace parley::counts
