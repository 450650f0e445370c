// Files in a store: its check finds what does not fit, and a backup has their bytes.
#include <fstream>
#include <functional>
#include <string>

#include "persistence/backup.hpp"
#include "persistence/blob_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_files_test {

using std::filesystem::path;

const conversation_id room{"room"};
const file_facts one = story::file('1');
const file_facts two = story::file('2');
const file_facts three = story::file('3');

/// One file in two messages, of which one is erased; one in none any more; one never sent.
void fill(store_of_test& data) {
  story told;
  data.write_each({told.created("room", {"alice", "bob"}), told.uploaded("alice", one),
                   told.uploaded("alice", two), told.uploaded("alice", three),
                   told.with_files("room", "alice", {one, two}),
                   told.with_files("room", "alice", {one}), told.erased("room", "alice", 2)});
  data.close();
  for (const auto& each : {one, two, three})
    put_bytes(data.path(), each);
}

TEST_CASE("files are what their messages say, and the check knows it") {
  store_of_test data;
  fill(data);
  CHECK(check_of(data.path()).text.find("no problems") != std::string::npos);
  data.open();
  const auto files = must(data.model()->files({one.file, two.file, three.file}));
  REQUIRE(files.size() == 3);
  CHECK(files[0].uses == 1);
  CHECK(files[1].uses == 0);
  CHECK(files[1].sent);
  CHECK(files[1].goes_at > timestamp{});
  CHECK_FALSE(files[2].sent);
  const auto unsent = must(data.model()->unsent(user_id{"alice"}));
  CHECK(unsent.files == 1);
  CHECK(unsent.bytes == 5);
}

TEST_CASE("a drop takes what is in no message and leaves what is in use") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"alice", "bob"}), told.uploaded("alice", one),
                   told.uploaded("alice", two), told.with_files("room", "alice", {one}),
                   told.dropped({one, two, three})});
  const auto files = must(data.model()->files({one.file, two.file}));
  REQUIRE(files.size() == 1);
  CHECK(files[0].what == one);
  CHECK(must(data.model()->unsent(user_id{"alice"})).files == 0);
  CHECK_FALSE(must(data.model()->unused(timestamp::max())).next);
}

TEST_CASE("each fault of files is named") {
  struct fault {
    const char* expected;
    std::function<void(const path&)> plant_it;
  };
  const std::string use = file_use_key(one.file, room, sequence{3});
  const std::vector<fault> faults{
      {"has not the bytes that it should have",
       [](const path& data) { std::filesystem::remove(blob_path(data / "files", one.file)); }},
      {"has not the bytes that it should have",
       [](const path& data) { put_bytes(data, three, "hell"); }},
      {"does not match its checksum",
       [](const path& data) { spoil(data, model_table::files, one.file.str()); }},
      {"counts other messages than it is in",
       [&](const path& data) { uproot(data, model_table::file_uses, use); }},
      {"has a file that does not know of it",
       [&](const path& data) { uproot(data, model_table::file_uses, use); }},
      {"is of no message with this file",
       [](const path& data) {
         plant(data, model_table::file_uses, file_use_key(two.file, room, sequence{3}), "1");
       }},
      {"is of no file", [](const path& data) { uproot(data, model_table::files, one.file.str()); }},
      {"has not all files that were never sent",
       [](const path& data) {
         uproot(data, model_table::unsent_files, unsent_file_key(user_id{"alice"}, three.file));
       }},
      {"is of no file that goes then",
       [](const path& data) {
         plant(data, model_table::unused_files, unused_file_key(timestamp{}, one.file), "1");
       }},
  };
  for (const auto& each : faults) {
    store_of_test data;
    fill(data);
    each.plant_it(data.path());
    const auto [problems, text] = check_of(data.path());
    CAPTURE(each.expected, text);
    CHECK(problems > 0);
    CHECK(text.find(each.expected) != std::string::npos);
  }
}

TEST_CASE("a backup has the bytes of each file that it knows, and no others") {
  store_of_test data;
  fill(data);
  put_bytes(data.path(), story::file('4')); // what a crash left behind
  const path copy = data.path().string() + "-copy";
  backup_plan plan;
  plan.from = data.path();
  plan.to = copy;
  REQUIRE(back_up(plan));
  CHECK(check_of(copy).text.find("no problems") != std::string::npos);
  for (const auto& each : {one, two, three})
    CHECK(std::filesystem::exists(blob_path(copy / "files", each.file)));
  CHECK_FALSE(std::filesystem::exists(blob_path(copy / "files", story::file('4').file)));
  std::filesystem::remove_all(copy);
}

TEST_CASE("a conversation that is purged lets go of its files") {
  store_of_test data;
  story told;
  std::vector<record_ptr> all{told.created("room", {"alice", "bob"}), told.uploaded("alice", one),
                              told.uploaded("alice", two)};
  for (int i = 0; i < 40; ++i)
    all.push_back(told.with_files("room", "alice", {one, two}));
  all.push_back(told.deleted("room", "alice"));
  data.write_each(all);
  while (data.model()->has_condemned())
    must(data.model()->purge_some());
  CHECK(must(data.model()->unused(timestamp::max())).items.size() == 2);
  data.close();
  for (const auto& each : {one, two})
    put_bytes(data.path(), each);
  CHECK(check_of(data.path()).text.find("no problems") != std::string::npos);
}

} // namespace persistence_files_test

} // namespace parley::test
