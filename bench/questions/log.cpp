// Question "log": what bare LMDB takes to commit the records of messages as our log commits them.
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include "bench/clock.hpp"
#include "bench/failure.hpp"
#include "bench/interrupt.hpp"
#include "bench/latencies.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

/// What persistence/record_codec writes beside the body for a message of `fanout`, and for a batch.
constexpr std::size_t bytes_beside_body = 249;
constexpr std::size_t bytes_of_batch = 10;

/// As persistence/lmdb_log trims: so many batches stay, old ones go in portions.
constexpr std::uint64_t kept_batches = 256;
constexpr std::uint64_t trim_at_least = 64;
constexpr std::uint64_t trim_at_most = 128;

constexpr std::uint64_t warm_up_commits = kept_batches + 2 * trim_at_most; // until pages come back
constexpr std::uint64_t fewest_commits = 50;
constexpr std::array<std::size_t, 4> batch_sizes = {1, 8, 64, 512};

void require(int code, const char* what) {
  if (code != 0)
    fail(what, ": ", mdb_strerror(code));
}

/// A directory that goes away with everything in it.
class ScratchDirectory {
public:
  explicit ScratchDirectory(const std::string& parent) : path_(parent + "/parley-log-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr)
      fail_errno("cannot make a directory in ", parent);
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// One table without a name, keys that rise, space on disk before it is needed, synced commits.
class BareLog {
public:
  BareLog(const std::string& directory, std::size_t bytes) {
    MDB_env* made = nullptr;
    require(mdb_env_create(&made), "mdb_env_create");
    env_.reset(made);
    require(mdb_env_set_mapsize(made, bytes), "mdb_env_set_mapsize");
    require(mdb_env_open(made, directory.c_str(), MDB_NOTLS, 0600), "mdb_env_open");
    mdb_filehandle_t file = -1;
    require(mdb_env_get_fd(made, &file), "mdb_env_get_fd");
    require(posix_fallocate(file, 0, static_cast<off_t>(bytes)), "posix_fallocate");
  }

  void append(std::string& batch) {
    MDB_txn* writing = nullptr;
    require(mdb_txn_begin(env_.get(), nullptr, 0, &writing), "mdb_txn_begin");
    MDB_dbi table = 0;
    require(mdb_dbi_open(writing, nullptr, 0, &table), "mdb_dbi_open");
    trim(writing, table);
    std::uint64_t key = __builtin_bswap64(++head_);
    MDB_val name{sizeof key, &key};
    MDB_val value{batch.size(), batch.data()};
    require(mdb_put(writing, table, &name, &value, MDB_APPEND), "mdb_put");
    require(mdb_txn_commit(writing), "mdb_txn_commit");
  }

private:
  void trim(MDB_txn* writing, MDB_dbi table) {
    const std::uint64_t old = head_ - floor_ > kept_batches ? head_ - floor_ - kept_batches : 0;
    if (old < trim_at_least)
      return;
    for (auto left = std::min(old, trim_at_most); left > 0; --left) {
      std::uint64_t key = __builtin_bswap64(++floor_);
      MDB_val name{sizeof key, &key};
      require(mdb_del(writing, table, &name, nullptr), "mdb_del");
    }
  }

  struct Close {
    void operator()(MDB_env* env) const { mdb_env_close(env); }
  };
  std::unique_ptr<MDB_env, Close> env_;
  std::uint64_t head_ = 0;
  std::uint64_t floor_ = 0; // the newest that was dropped
};

/// Room for what is kept and what is being dropped, twice, since a page that was freed comes back
/// only some commits later.
std::size_t room_for(std::size_t batch_bytes) {
  constexpr std::size_t page = 4096;
  const std::size_t pages = batch_bytes / page + 2;
  return 2 * (kept_batches + trim_at_least + trim_at_most) * pages * page + (16UL << 20);
}

Answer ask_batch(const Options& options, std::size_t records) {
  std::string batch(bytes_of_batch + records * (bytes_beside_body + options.body), 'r');
  const ScratchDirectory directory(options.directory);
  BareLog log(directory.path(), room_for(batch.size()));
  for (std::uint64_t i = 0; i < warm_up_commits; ++i)
    log.append(batch);

  Latencies latencies;
  const double waited = own_waiting_seconds();
  const auto cpu = own_cpu_ns();
  const auto begin = now_ns();
  const Deadline end = Deadline::in(options.seconds_or(2));
  while (!end.passed() || latencies.count() < fewest_commits) {
    fail_if_interrupted();
    const auto start = now_ns();
    log.append(batch);
    latencies.add(now_ns() - start);
  }
  const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
  const auto commits = static_cast<double>(latencies.count());
  return {{{"records per commit", static_cast<double>(records), 0},
           {"bytes per commit", static_cast<double>(batch.size()), 0},
           {"commits", commits, 0},
           {"commit p50 ms", latencies.percentile_ms(0.5), 3},
           {"commit p99 ms", latencies.percentile_ms(0.99), 3},
           {"records/s", commits * static_cast<double>(records) / seconds, 0},
           {"CPU µs/commit", static_cast<double>(own_cpu_ns() - cpu) / 1e3 / commits, 1}},
          remark_on_client(0, (own_waiting_seconds() - waited) / seconds)};
}

} // namespace

std::vector<Answer> ask_log(const Options& options) {
  std::vector<Answer> rows;
  rows.reserve(batch_sizes.size());
  for (const std::size_t records : batch_sizes)
    rows.push_back(ask_batch(options, records));
  return rows;
}

} // namespace parley::bench
