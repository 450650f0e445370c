// The log over LMDB: positions without holes, trimming, and a full disk that is survived.
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "actors/limits.hpp"
#include "persistence/lmdb_log.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

namespace persistence_log_test {

/// A log of its own, with a size limit.
class log_of_test {
public:
  explicit log_of_test(std::size_t most_bytes = std::size_t{64} << 20) : directory_(quick_place()) {
    options_.directory = directory_.path();
    options_.most_bytes = most_bytes;
    options_.first_bytes = std::size_t{128} << 10;
    must(lmdb_log::create(options_, "epoch"));
    open();
  }
  void open() { log_ = must(lmdb_log::open(options_, "epoch")); }
  void reopen() {
    log_.reset();
    open();
  }
  void allow(std::size_t most_bytes) {
    options_.most_bytes = most_bytes;
    reopen();
  }
  void close() { log_.reset(); }
  const environment_options& options() const { return options_; }
  lmdb_log* operator->() { return log_.get(); }

private:
  temporary_directory directory_;
  environment_options options_;
  std::unique_ptr<lmdb_log> log_;
};

std::string text_of(std::uint64_t number) { return "batch " + std::to_string(number); }

TEST_CASE("positions count from 1 and go on after the log was reopened") {
  log_of_test log;
  CHECK(log->head() == position{});
  CHECK(log->floor() == position{});
  CHECK(must(log->append("a")) == position{1});
  CHECK(must(log->append("b")) == position{2});
  log.reopen();
  CHECK(log->head() == position{2});
  CHECK(must(log->append("c")) == position{3});
  const auto read = must(log->read(position{2}, 1000));
  REQUIRE(read.size() == 2);
  CHECK(read[0].at == position{2});
  CHECK(read[0].bytes == "b");
  CHECK(read[1].bytes == "c");
}

TEST_CASE("reading stops at the bytes asked for, but gives one batch at least") {
  log_of_test log;
  for (int i = 0; i < 5; ++i)
    must(log->append(std::string(100, 'x')));
  CHECK(must(log->read(position{1}, 250)).size() == 2);
  CHECK(must(log->read(position{1}, 1)).size() == 1);
  CHECK(must(log->read(position{6}, 1)).empty());
}

TEST_CASE("applied batches are dropped in portions, the newest ones are kept") {
  log_of_test log;
  const std::uint64_t count = limits::log_kept_batches + 200;
  for (std::uint64_t i = 1; i <= count; ++i)
    must(log->append(text_of(i)));
  CHECK(log->floor() == position{1});
  log->trim(position{count});
  for (int i = 0; i < 5; ++i)
    must(log->append("more"));
  CHECK(log->floor() > position{100});
  CHECK(log->floor().value() + limits::log_kept_batches <= count + 1);
  log.reopen();
  CHECK(log->floor() > position{100});
  CHECK(must(log->read(log->floor(), 1)).front().bytes == text_of(log->floor().value()));
}

TEST_CASE("nothing that is not applied is ever dropped") {
  log_of_test log;
  log->trim(position{3});
  for (std::uint64_t i = 1; i <= 1000; ++i)
    must(log->append(text_of(i)));
  CHECK(log->floor() == position{1});
}

TEST_CASE("a full log is unavailable, keeps what it has, and works again when there is space") {
  log_of_test log{std::size_t{256} << 10};
  std::uint64_t written = 0;
  result<position> last = position{};
  while ((last = log->append(std::string(3000, 'x'))).ok())
    ++written;
  CHECK(last.error().code == error_code::unavailable);
  CHECK(written > 20);
  CHECK(log->append("y").ok() == log->append("y").ok());
  const auto head = log->head();
  log.allow(std::size_t{2} << 20);
  CHECK(log->head() == head);
  CHECK(must(log->append(std::string(3000, 'x'))) == head.next());
}

TEST_CASE("a full log makes room from what is applied") {
  log_of_test log{std::size_t{256} << 10};
  while (log->append(std::string(3000, 'x')).ok())
    continue;
  const auto full = log->head();
  log->trim(full);
  for (int i = 0; i < 500; ++i) {
    must(log->append(std::string(3000, 'x')));
    log->trim(log->head());
  }
  CHECK(log->head() == position{full.value() + 500});
}

TEST_CASE("batches of the largest size go through a small log again and again") {
  log_of_test log{std::size_t{4} << 20};
  for (int i = 0; i < 100; ++i) {
    must(log->append(std::string(limits::batch_bytes, 'x')));
    log->trim(log->head());
  }
  CHECK(log->head() == position{100});
}

TEST_CASE("a log of another epoch is refused") {
  log_of_test log;
  log.close();
  auto opened = lmdb_log::open(log.options(), "another");
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message.find("another store") != std::string::npos);
}

TEST_CASE("a log file that was cut off is refused") {
  log_of_test log;
  for (int i = 0; i < 100; ++i)
    must(log->append(std::string(3000, 'x')));
  log.close();
  std::filesystem::resize_file(log.options().directory / "data.mdb", 100'000);
  CHECK_FALSE(lmdb_log::open(log.options(), "epoch").ok());
}

/// Another process begins to read and dies without a word.
void die_reading(environment_options options) {
  const pid_t child = ::fork();
  if (child == 0) {
    options.read_only = true;
    auto opened = environment::open(options);
    auto reading = opened ? (*opened)->read() : failure{};
    ::_exit(reading ? 0 : 1);
  }
  int status = 1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
}

TEST_CASE("a reader that died pins no pages") {
  temporary_directory place{quick_place()};
  environment_options options{place.path(), {}, std::size_t{64} << 20, std::size_t{1} << 20};
  options.stale_reader_check = std::chrono::nanoseconds{0};
  auto made = must(environment::open(options));
  const auto rewrite = [&] {
    for (int round = 0; round < 100; ++round)
      must(made->write([&](write_transaction& writing) {
        for (int row = 0; row < 20; ++row)
          writing.put(0, std::to_string(row), std::string(1000, static_cast<char>(round)));
        return success();
      }));
    return must(made->measure()).used;
  };
  const std::size_t steady = rewrite();
  die_reading(options);
  CHECK(rewrite() <= 2 * steady);
}

TEST_CASE("a log that begins in the middle goes on from there") {
  temporary_directory directory{quick_place()};
  environment_options options;
  options.directory = directory.path();
  must(lmdb_log::create(options, "epoch", position{1'000'000}));
  {
    auto log = must(lmdb_log::open(options, "epoch"));
    CHECK(log->head() == position{1'000'000});
    CHECK(log->floor() == position{});
    CHECK(must(log->append("a")) == position{1'000'001});
    CHECK(log->floor() == position{1'000'001});
  }
  auto log = must(lmdb_log::open(options, "epoch"));
  CHECK(log->head() == position{1'000'001});
  CHECK(log->floor() == position{1'000'001});
  CHECK(must(log->read(position{1'000'001}, 1000)).size() == 1);
}

} // namespace persistence_log_test

} // namespace parley::test
