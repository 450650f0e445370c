// Question "disk": what the disk itself takes for a small durable write, without any server.
#include <fcntl.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/failure.hpp"
#include "bench/interrupt.hpp"
#include "bench/latencies.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t record_bytes = 4096;
constexpr std::size_t rounds = 2'000;

/// An unnamed file, so that nothing is left behind.
class ScratchFile {
public:
  explicit ScratchFile(const std::string& directory) {
    std::string path = directory + "/parley-disk-XXXXXX";
    file_ = mkstemp(path.data());
    if (file_ < 0)
      fail_errno("cannot make a file in ", directory);
    unlink(path.c_str());
  }
  ~ScratchFile() { close(file_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  void write(const std::string& bytes, std::size_t offset) {
    if (pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
        static_cast<ssize_t>(bytes.size()))
      fail_errno("cannot write the scratch file");
  }
  void flush() {
    if (fdatasync(file_) != 0)
      fail_errno("fdatasync");
  }

private:
  int file_;
};

} // namespace

Answer ask_disk(const Options& options) {
  ScratchFile file(options.directory);
  file.write(std::string(rounds * record_bytes, 'a'), 0); // so that no round changes the size
  file.flush();
  const std::string record(record_bytes, 'b');
  Latencies latencies;
  const auto begin = now_ns();
  const double waited = own_waiting_seconds();
  for (std::size_t round = 0; round < rounds; ++round) {
    fail_if_interrupted();
    const auto start = now_ns();
    file.write(record, round * record_bytes);
    file.flush();
    latencies.add(now_ns() - start);
  }
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  return {{{"record bytes", record_bytes, 0},
           {"rounds", rounds, 0},
           {"pwrite+fdatasync p50 ms", latencies.percentile_ms(0.5), 3},
           {"p99 ms", latencies.percentile_ms(0.99), 3}},
          remark_on_client(0, (own_waiting_seconds() - waited) / seconds)};
}

} // namespace parley::bench
