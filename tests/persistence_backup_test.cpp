// A backup is a store of its own with everything in it, or it is not there.
#include <cstdio>
#include <fstream>
#include <string>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "persistence/backup.hpp"
#include "persistence/data_directory.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_backup_test {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 0777u : 0u;
}

std::string content_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// LMDB locks by process, and the store is open in this one: a child does it. Returns the failure's
/// text, or nothing.
std::string back_up_in_child(const backup_plan& plan) {
  int ends[2];
  if (::pipe(ends) != 0)
    return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto made = back_up(plan);
    const std::string text = made ? "" : made.error().message;
    [[maybe_unused]] const auto written = ::write(ends[1], text.data(), text.size());
    std::_Exit(made ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], text.data(), 4096), 0)));
  ::close(ends[0]);
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? std::string()
                                                       : "failed: " + std::move(text);
}

/// A store and the place of its copy.
struct scene {
  store_of_test data;
  temporary_directory place{quick_place()};
  story told;

  fs::path copy() const { return place.path() / "copy"; }
  fs::path unfinished() const { return place.path() / "copy.unfinished"; }
  backup_plan plan() const { return {data.path(), copy(), {"token.key", "external_tokens"}}; }
  std::shared_ptr<store> open_copy() const {
    store_options options;
    options.directory = copy();
    return must(store::open(options));
  }
  std::string problems() const { return problems_of(copy()); }
};

std::vector<record_ptr> some(story& told, int messages) {
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  for (int i = 0; i < messages; ++i)
    records.push_back(told.message("room", "alice", "body " + std::to_string(i)));
  return records;
}

TEST_CASE("a copy of a store in use holds the same rows under an epoch and a secret of its own") {
  scene all;
  const auto records = some(all.told, 50);
  all.data.write_each(records);
  REQUIRE(back_up_in_child(all.plan()) == "");
  auto before = dump(*all.data.model());
  CHECK(all.problems() == "");
  auto copy = all.open_copy();
  CHECK(copy->epoch() != all.data.get().epoch());
  CHECK(copy->secret() != all.data.get().secret());
  CHECK(copy->model()->applied() == position{51});
  CHECK(copy->log()->head() == position{51});
  CHECK(copy->log()->floor() == position{});
  auto after = dump(*copy->model());
  const auto is_epoch = [](const auto& row) { return row.first == "meta/epoch"; };
  CHECK(std::erase_if(before, is_epoch) == 1);
  CHECK(std::erase_if(after, is_epoch) == 1);
  CHECK(before == after);
  const auto known = must(copy->model()->find({*records.back()->key}));
  REQUIRE(known.front());
  CHECK(known.front()->seq == records.back()->seq);
}

TEST_CASE("a copy goes on where the original was, and a copy of the copy as well") {
  scene all;
  all.data.write_each(some(all.told, 3));
  REQUIRE(back_up_in_child(all.plan()) == "");
  const backup_plan again{all.copy(), all.place.path() / "second", {}};
  const auto next = all.told.message("room", "bob", "after the restore");
  {
    REQUIRE(back_up_in_child(again) == ""); // of a log without a batch
    fs::remove_all(again.to);
    auto copy = all.open_copy();
    CHECK(must(copy->log()->append(encode_batch({{next}}))) == position{5});
    CHECK(copy->log()->floor() == position{5});
    must(replay_all(*copy->log(), *copy->model()));
  }
  CHECK(all.problems() == "");
  CHECK(all.open_copy()->log()->head() == position{5});
  must(back_up(again));
  store_options options;
  options.directory = again.to;
  auto second = must(store::open(options));
  CHECK(second->log()->head() == position{5});
  CHECK(must(second->model()->snapshot(conversation_id{"room"})).head == next->seq);
}

TEST_CASE("what the log has and the model has not is in the copy") {
  scene all;
  all.data.write_each(some(all.told, 2));
  for (int i = 0; i < 5; ++i)
    must(all.data.log()->append(encode_batch({{all.told.message("room", "bob", "late")}})));
  SECTION("while a server has the store") { REQUIRE(back_up_in_child(all.plan()) == ""); }
  SECTION("of a store that nobody has") {
    all.data.close();
    const auto made = must(back_up(all.plan()));
    CHECK(made.applied == position{3});
    CHECK(made.head == position{8});
  }
  CHECK(all.problems() == "");
  auto copy = all.open_copy();
  CHECK(copy->model()->applied() == position{3});
  CHECK(copy->log()->floor() == position{4});
  must(replay_all(*copy->log(), *copy->model()));
  CHECK(must(copy->model()->snapshot(conversation_id{"room"})).head == sequence{8});
}

TEST_CASE("a copy of an empty store is an empty store") {
  scene all;
  REQUIRE(back_up_in_child(all.plan()) == "");
  CHECK(all.problems() == "");
  CHECK(all.open_copy()->log()->head() == position{});
}

TEST_CASE("keys are copied as they are, for their owner alone") {
  scene all;
  std::ofstream{all.data.path() / "token.key"} << "not a key that anybody has";
  std::ofstream{all.data.path() / "notes"} << "of the operator";
  REQUIRE(back_up_in_child(all.plan()) == "");
  CHECK(content_of(all.copy() / "token.key") == "not a key that anybody has");
  CHECK_FALSE(fs::exists(all.copy() / "external_tokens"));
  CHECK_FALSE(fs::exists(all.copy() / "notes"));
  CHECK(mode_of(all.copy()) == 0700);
  for (const char* each : {"token.key", "secret", "model/data.mdb", "log/data.mdb"})
    CHECK(mode_of(all.copy() / each) == 0600);
}

TEST_CASE("a copy never replaces anything") {
  scene all;
  SECTION("a file") { std::ofstream{all.copy()} << "precious"; }
  SECTION("an empty directory") { fs::create_directory(all.copy()); }
  SECTION("a link to nowhere") { fs::create_symlink("nowhere", all.copy()); }
  CHECK(back_up_in_child(all.plan()).find("exists already") != std::string::npos);
  CHECK(fs::exists(fs::symlink_status(all.copy())));
  CHECK_FALSE(fs::exists(all.unfinished()));
}

TEST_CASE("a store is not copied into itself") {
  scene all;
  for (const auto* inside : {"copy", "new", "model/copy", "log/../copy"}) {
    const fs::path target = all.plan().from / inside;
    INFO(target);
    CHECK(back_up_in_child({all.plan().from, target, {}}).find("is within") != std::string::npos);
    CHECK_FALSE(fs::exists(target));
  }
}

TEST_CASE("what a killed backup left is no store, and goes with the next one") {
  scene all;
  all.data.write_each(some(all.told, 2));
  REQUIRE(back_up_in_child(all.plan()) == "");
  fs::rename(all.copy(), all.unfinished());
  std::ofstream{all.unfinished() / unfinished_mark} << "parleyd backup\n";
  std::ofstream{all.unfinished() / "left behind"} << "x";
  store_options options;
  options.directory = all.unfinished();
  auto opened = store::open(options);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().message.find("not finished") != std::string::npos);
  CHECK(check_of(all.unfinished()).problems == 1);
  CHECK_FALSE(back_up({all.unfinished(), all.place.path() / "third", {}}).ok());
  SECTION("the next one may take its place") {
    REQUIRE(back_up_in_child(all.plan()) == "");
    CHECK(all.problems() == "");
    CHECK_FALSE(fs::exists(all.copy() / "left behind"));
    CHECK_FALSE(fs::exists(all.copy() / unfinished_mark));
    CHECK_FALSE(fs::exists(all.unfinished()));
  }
  SECTION("but not while somebody writes there") {
    const int lock = must(lock_directory(all.unfinished()));
    CHECK(back_up_in_child(all.plan()).find("another backup") != std::string::npos);
    CHECK(fs::exists(all.unfinished() / "left behind"));
    ::close(lock);
  }
}

TEST_CASE("what is no store is not copied, and nothing is left of the attempt") {
  scene all;
  SECTION("nothing at all") {
    CHECK_FALSE(back_up({all.place.path() / "nowhere", all.copy(), {}}).ok());
    CHECK_FALSE(fs::exists(all.place.path() / "nowhere"));
  }
  SECTION("a log of another store") {
    store_of_test other;
    other.close();
    all.data.close();
    fs::remove_all(all.data.path() / "log");
    fs::rename(other.path() / "log", all.data.path() / "log");
    CHECK_FALSE(back_up(all.plan()).ok());
  }
  SECTION("a newer format") {
    all.data.close();
    plant(all.data.path(), model_table::meta, meta::format,
          encode_meta(meta::format, model_format + 1));
    CHECK_FALSE(back_up(all.plan()).ok());
  }
  CHECK_FALSE(fs::exists(all.copy()));
  CHECK_FALSE(fs::exists(all.unfinished()));
}

TEST_CASE("a store that is written and grows all the while is copied at one of its positions") {
  scene all;
  all.data.write_each(some(all.told, 1));
  const auto before = all.data.model()->tables()->ordinary();
  const auto busy = [&] { // until the model has outgrown what the child has mapped of it at first
    std::vector<record_ptr> records;
    for (int i = 0; i < 10; ++i)
      records.push_back(all.told.message("room", "alice", std::string(3000, 'x')));
    must(all.data.log()->append(encode_batch(records)));
    must(replay_all(*all.data.log(), *all.data.model()));
    all.data.log()->trim(all.data.model()->applied());
  };
  for (int i = 0; i < 300; ++i)
    busy();
  const auto acknowledged = all.data.log()->head();
  const pid_t child = ::fork();
  if (child == 0)
    std::_Exit(back_up(all.plan()) ? 0 : 1);
  int status = -1;
  int rounds = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    busy();
    ++rounds;
  }
  INFO(rounds << " batches were written during the backup");
  REQUIRE(status == 0);
  CHECK(all.data.model()->tables()->ordinary() > before);
  CHECK(all.problems() == "");
  auto copy = all.open_copy();
  CHECK(copy->log()->head() >= acknowledged);
  CHECK(copy->log()->head() <= all.data.log()->head());
}

} // namespace persistence_backup_test

} // namespace parley::test
