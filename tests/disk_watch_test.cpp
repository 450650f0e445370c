// What a data directory takes: a few files at once, many beside the work.
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/manual_lane.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/main_disk.hpp"

using namespace parley;
using namespace parley::test;

namespace disk_watch_test {

void fill(const std::filesystem::path& file, std::size_t bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream{file} << std::string(bytes, 'x');
}

TEST_CASE("what a directory takes is told, and attached files are counted on the lane") {
  const temporary_directory data;
  fill(data.path() / "search/index.db", 100);
  fill(data.path() / "search/index.db-wal", 20);
  fill(data.path() / "webhooks/outbox", 7);
  fill(data.path() / "files/ab/one", 3000);
  fill(data.path() / "files/cd/two", 400);
  const auto counting = std::make_shared<manual_lane>();
  const auto watch = std::make_shared<disk_watch>(data.path(), counting);
  const auto before = watch->look();
  CHECK(before.search_bytes == 120);
  CHECK(before.webhook_bytes == 7);
  CHECK(before.file_bytes == 0);
  CHECK(before.free_bytes > 0);
  CHECK(before.free_bytes <= std::filesystem::space(data.path()).capacity);
  (void)watch->look();
  CHECK(counting->waiting() == 1);
  CHECK(counting->step());
  CHECK(watch->look().file_bytes == 3400);
  CHECK(counting->waiting() == 0); // for a while
}

TEST_CASE("a directory that is not there takes nothing") {
  const temporary_directory data;
  const auto counting = std::make_shared<manual_lane>();
  const auto watch = std::make_shared<disk_watch>(data.path() / "none", counting);
  (void)watch->look();
  counting->step();
  const auto found = watch->look();
  CHECK(found.search_bytes + found.webhook_bytes + found.file_bytes + found.free_bytes == 0);
}

} // namespace disk_watch_test
