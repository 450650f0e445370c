// Opens an LMDB environment, takes disk space for it, and runs its transactions.
#include "persistence/environment.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/fault.hpp"

namespace parley {

namespace {

/// The file grows by as much as it holds, within these bounds: small stores stay small, and a large
/// one is not extended all the time.
constexpr std::size_t smallest_step = std::size_t{1} << 20;
constexpr std::size_t largest_step = std::size_t{64} << 20;
/// When a step is not to be had, just what is needed is taken, in multiples of this.
constexpr std::size_t finest_step = std::size_t{64} << 10;
/// Kept on disk beyond what ordinary transactions may use: deleting needs pages too.
constexpr std::size_t reserve_bytes = std::size_t{256} << 10;
/// What LMDB's table of readers takes, with as many as it has by default.
constexpr off_t lock_file_bytes = 8192;
/// Mapped beyond the file's length when only looking: the file may grow meanwhile.
constexpr std::size_t reading_margin = std::size_t{1} << 30;

std::size_t rounded_up(std::size_t value, std::size_t step) {
  return (value + step - 1) / step * step;
}

failure lmdb_failure(const std::filesystem::path& where, std::string_view what, int code) {
  const auto kind =
      code == ENOSPC || code == EDQUOT ? error_code::unavailable : error_code::internal;
  return {kind, where.string() + ": " + std::string(what) + ": " + mdb_strerror(code), {}};
}

/// How many bytes a file has; 0 when there is none.
std::size_t length_of(const std::filesystem::path& file) {
  struct stat facts {};
  return ::stat(file.c_str(), &facts) == 0 ? static_cast<std::size_t>(facts.st_size) : 0;
}

std::size_t page_bytes_of(MDB_env* env) {
  MDB_stat facts{};
  mdb_env_stat(env, &facts);
  return facts.ms_psize;
}

int file_of(MDB_env* env) {
  mdb_filehandle_t file = -1;
  mdb_env_get_fd(env, &file);
  return file;
}

} // namespace

environment_options looking_at(const std::filesystem::path& directory,
                               std::span<const std::string_view> tables) {
  environment_options options;
  options.directory = directory;
  options.tables.assign(tables.begin(), tables.end());
  options.read_only = true;
  options.read_age = std::chrono::hours{24 * 365};
  return options;
}

result<std::unique_ptr<environment>> environment::open(const environment_options& options) {
  std::unique_ptr<environment> made{new environment(options)};
  if (auto opened = made->open_file(); !opened)
    return opened.error();
  if (auto opened = made->open_tables(); !opened)
    return opened.error();
  return made;
}

environment::~environment() {
  for (MDB_txn* reader : idle_readers_)
    mdb_txn_abort(reader);
  if (env_ != nullptr)
    mdb_env_close(env_);
}

// LMDB writes to this file through a mapping: on a full disk a hole in it would end the process.
outcome environment::take_lock_file() {
  const auto path = options_.directory / "lock.mdb";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return lmdb_failure(name(), "no lock file", errno);
  int code = 0;
  do {
    code = ::posix_fallocate(file, 0, lock_file_bytes);
  } while (code == EINTR);
  ::close(file);
  return code == 0 ? success() : lmdb_failure(name(), "no room for a lock file", code);
}

outcome environment::open_file() {
  const std::size_t present = length_of(options_.directory / "data.mdb");
  if (int code = mdb_env_create(&env_); code != 0)
    return lmdb_failure(name(), "cannot make an environment", code);
  if (!options_.read_only)
    if (auto taken = take_lock_file(); !taken)
      return taken;
  mdb_env_set_maxdbs(env_, static_cast<MDB_dbi>(options_.tables.size()));
  const std::size_t least = std::min(options_.first_bytes, options_.most_bytes);
  mdb_env_set_mapsize(env_,
                      options_.read_only ? present + reading_margin : std::max(present, least));
  // Who serves reads a few pages anywhere: reading ahead would bring thirty others for each of
  // them. Who looks at a store goes through all of it.
  const unsigned flags = MDB_NOTLS | (options_.read_only ? MDB_RDONLY : MDB_NORDAHEAD) |
                         (mutant("no_sync") ? MDB_NOSYNC : 0u);
  if (int code = mdb_env_open(env_, options_.directory.c_str(), flags, 0600); code != 0)
    return lmdb_failure(name(), "cannot be opened", code);
  page_bytes_ = page_bytes_of(env_);
  clear_stale_readers();
  if (present > 0 && used() > present)
    return failure{error_code::internal, name().string() + ": data.mdb is cut off", {}};
  return options_.read_only ? success() : take_first_space(present);
}

outcome environment::take_first_space(std::size_t present) {
  allocated_ = length_of(options_.directory / "data.mdb");
  // A copied file may have holes; filling them now is cheap, and when it fails the next commit
  // tells.
  if (present > 0 && ::fallocate(file_of(env_), 0, 0, static_cast<off_t>(present)) != 0)
    errno = 0;
  const std::size_t least = std::min(options_.first_bytes, options_.most_bytes);
  if (ordinary() < least && present == 0) {
    if (auto taken = take(least); !taken)
      return taken;
  }
  return map(std::max(ordinary(), used()));
}

outcome environment::open_tables() {
  MDB_txn* opening = nullptr;
  if (int code = mdb_txn_begin(env_, nullptr, options_.read_only ? MDB_RDONLY : 0u, &opening); code)
    return lmdb_failure(name(), "cannot begin", code);
  const unsigned flags = options_.read_only ? 0u : MDB_CREATE;
  handles_.resize(std::max<std::size_t>(options_.tables.size(), 1));
  for (std::size_t i = 0; i < handles_.size(); ++i) {
    const char* name = options_.tables.empty() ? nullptr : options_.tables[i].c_str();
    if (int code = mdb_dbi_open(opening, name, name ? flags : 0u, &handles_[i]); code != 0) {
      mdb_txn_abort(opening);
      return lmdb_failure(this->name(), name ? name : "the table", code);
    }
  }
  if (int code = mdb_txn_commit(opening); code != 0)
    return lmdb_failure(name(), "cannot commit", code);
  return success();
}

std::size_t environment::used() const {
  MDB_envinfo facts{};
  mdb_env_info(env_, &facts);
  return (facts.me_last_pgno + 1) * page_bytes_;
}

std::size_t environment::ordinary() const noexcept {
  const std::size_t all = allocated_;
  return std::min(all - std::min(all, reserve_bytes), options_.most_bytes);
}

outcome environment::allocate(std::size_t total) {
  std::lock_guard lock{taking_};
  if (total <= ordinary())
    return success();
  if (total > options_.most_bytes)
    return failure{error_code::unavailable, name().string() + ": at its size limit", {}};
  const std::size_t step = std::clamp(ordinary(), smallest_step, largest_step);
  if (take(std::min(std::max(total, ordinary() + step), options_.most_bytes)))
    return success();
  return take(std::min(rounded_up(total, finest_step), options_.most_bytes));
}

// Takes the space for `total` ordinary bytes, or leaves the file as long as it was.
outcome environment::take(std::size_t total) {
  const std::size_t present = allocated_;
  const std::size_t wanted = rounded_up(total + reserve_bytes, page_bytes_);
  if (wanted <= present)
    return success();
  int code = 0;
  do {
    code = ::posix_fallocate(file_of(env_), static_cast<off_t>(present),
                             static_cast<off_t>(wanted - present));
  } while (code == EINTR);
  failpoint("environment.after_growth");
  if (code == 0) {
    allocated_ = wanted;
    return success();
  }
  if (::ftruncate(file_of(env_), static_cast<off_t>(present)) != 0)
    return lmdb_failure(name(), "cannot give back space", errno);
  return failure{
      error_code::unavailable, name().string() + ": no disk space: " + std::strerror(code), {}};
}

outcome environment::map(std::size_t bytes) {
  std::lock_guard gate{gate_};
  std::unique_lock alone{mapping_};
  if (int code = mdb_env_set_mapsize(env_, bytes); code != 0) {
    unmapped_ = true;
    broken_ = lmdb_failure(name(), "cannot map", code);
    return *broken_;
  }
  mapped_ = bytes;
  return success();
}

bool environment::clear_stale_readers() {
  int stale = 0;
  mdb_reader_check(env_, &stale);
  return stale > 0;
}

void environment::clear_stale_readers_if_due() {
  const auto now = std::chrono::steady_clock::now();
  if (now < readers_checked_ + options_.stale_reader_check)
    return;
  readers_checked_ = now;
  clear_stale_readers();
}

outcome environment::write(const filling& fill, room which) {
  clear_stale_readers_if_due();
  for (;;) {
    if (broken_)
      return *broken_;
    const std::size_t wanted = ordinary() + (which == room::reserve ? reserve_bytes : 0);
    if (wanted != mapped_) {
      if (auto extended = map(wanted); !extended)
        return extended;
    }
    attempt tried = try_write(fill);
    if (!tried.full)
      return tried.result;
    if (auto taken = allocate(ordinary() + 1); !taken && !clear_stale_readers())
      return taken;
  }
}

environment::attempt environment::try_write(const filling& fill) {
  MDB_txn* begun = nullptr;
  if (int code = mdb_txn_begin(env_, nullptr, 0, &begun); code != 0)
    return {lmdb_failure(name(), "cannot begin", code), code == MDB_MAP_FULL};
  failpoint("environment.after_begin");
  write_transaction writing{*this, begun};
  outcome filled = fill(writing);
  if (writing.full_)
    return {*writing.error_, true};
  if (writing.error_)
    return {*writing.error_};
  if (!filled)
    return {filled.error()};
  return commit(writing);
}

// LMDB finds a full map while it allocates pages, before it writes the first one: nothing was
// written and the next attempt is as good as new. After any other error nobody knows what is on
// disk.
environment::attempt environment::commit(write_transaction& from) {
  failpoint("environment.before_commit");
  const int code = mdb_txn_commit(std::exchange(from.transaction_, nullptr));
  failpoint("environment.after_commit");
  if (code == 0)
    return {success()};
  failure why = lmdb_failure(name(), "cannot commit", code);
  if (code == MDB_MAP_FULL)
    return {std::move(why), true};
  why.code = error_code::internal;
  broken_ = why;
  return {std::move(why)};
}

result<MDB_txn*> environment::begin_read() const {
  MDB_txn* reader = nullptr;
  {
    std::lock_guard lock{idle_mutex_};
    if (!idle_readers_.empty()) {
      reader = idle_readers_.back();
      idle_readers_.pop_back();
    }
  }
  const int code =
      reader != nullptr ? mdb_txn_renew(reader) : mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reader);
  if (code == 0)
    return reader;
  if (reader != nullptr)
    mdb_txn_abort(reader);
  return lmdb_failure(name(), "cannot read", code);
}

result<read_transaction> environment::read() const {
  {
    std::lock_guard gate{gate_};
    mapping_.lock_shared();
  }
  auto begun =
      unmapped_ ? failure{error_code::internal, "the store is not mapped", {}} : begin_read();
  if (!begun) {
    mapping_.unlock_shared();
    return begun.error();
  }
  return read_transaction{*this, *begun, age_limit{options_.read_age}};
}

void environment::give_back(MDB_txn* reader) const {
  mdb_txn_reset(reader);
  {
    std::lock_guard lock{idle_mutex_};
    idle_readers_.push_back(reader);
  }
  mapping_.unlock_shared();
}

// Past the page cache where the file system lets us: the copy is not read again soon, and its dirty
// pages would be in the way of the server's syncs.
outcome environment::copy_to(const std::filesystem::path& file) const {
  const int to = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (to < 0)
    return lmdb_failure(file, "cannot be made", errno);
  if (::fcntl(to, F_SETFL, O_DIRECT) != 0)
    errno = 0;
  int code = mdb_env_copyfd2(env_, to, MDB_CP_COMPACT);
  if (code == 0 && ::fsync(to) != 0)
    code = errno;
  if (::close(to) != 0 && code == 0)
    code = errno;
  return code == 0 ? success() : lmdb_failure(file, "cannot be written", code);
}

result<space> environment::measure() const {
  auto reading = read();
  if (!reading)
    return reading.error();
  space found{ordinary(), used(), 0};
  cursor freed{
      reading->transaction_, 0, {}}; // LMDB keeps its free pages in table 0, as counted lists.
  for (bool more = freed.first(); more; more = freed.next()) {
    std::size_t pages = 0;
    if (freed.value().size() >= sizeof pages)
      std::memcpy(&pages, freed.value().data(), sizeof pages);
    found.free += pages * page_bytes_;
  }
  if (freed.error())
    return *freed.error();
  return found;
}

} // namespace parley
