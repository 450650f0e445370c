// Files of messages: who may send and read one, how long it stays, and what a crash leaves of it.
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/erasure_desk.hpp"
#include "actors/file_desk.hpp"
#include "actors/limits.hpp"
#include "persistence/blob_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"
#include "tests/support/model_rows.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace files_test {

/// Alice, Bob and a stranger, with a place for files.
struct friends {
  scene it;
  std::optional<client> alice, bob, eve;
  conversation_id where;
  file_policy policy;

  friends() {
    std::filesystem::create_directories(it.data.path() / "files");
    restart();
    where = conversation_id{make_group(*alice, {user_id{"bob"}}).get<std::string>()};
  }

  void restart() {
    it.restart();
    alice.emplace(it, "alice");
    bob.emplace(it, "bob");
    eve.emplace(it, "eve");
  }

  template <class Value>
  struct heard {
    std::optional<result<Value>> what;
    std::string code() const {
      return !what ? "nothing" : *what ? "ok" : std::string(describe(what->error().code).name);
    }
  };
  template <class Value>
  static told<Value> into(const std::shared_ptr<heard<Value>>& where) {
    return [where](result<Value> what) { where->what.emplace(std::move(what)); };
  }

  std::shared_ptr<heard<std::shared_ptr<upload>>> begin(const std::string& by,
                                                        std::optional<std::uint64_t> size = {}) {
    auto begun = std::make_shared<heard<std::shared_ptr<upload>>>();
    desk().begin({user_id{by}, "a b.txt", "text/plain", size}, into(begun));
    it.engine->settle();
    return begun;
  }
  std::string write(upload& to, const std::string& bytes) {
    std::string code = "nothing";
    to.write(bytes, [&code](const outcome& how) {
      code = how ? "ok" : std::string(describe(how.error().code).name);
    });
    it.engine->settle();
    return code;
  }
  file_facts finish(upload& what) {
    auto known = std::make_shared<heard<file_facts>>();
    what.finish(into(known));
    it.engine->settle();
    REQUIRE(known->code() == "ok");
    return **known->what;
  }
  file_facts uploaded(const std::string& by, const std::string& bytes = "hello") {
    auto begun = begin(by);
    REQUIRE(begun->code() == "ok");
    REQUIRE(write(***begun->what, bytes) == "ok");
    return finish(***begun->what);
  }
  std::string open(const file_facts& file, const std::string& by) {
    auto opened = std::make_shared<heard<download>>();
    desk().open(file.file, user_id{by}, true, into(opened));
    it.engine->settle();
    return opened->code();
  }
  json send(client& by, const std::string& id, const std::vector<file_facts>& files,
            std::optional<std::uint64_t> expires_in = {}) {
    send_message what{where, client_id{id}, ""};
    what.files.emplace();
    for (const auto& each : files)
      what.files->push_back(each.file);
    what.expires_in = expires_in;
    return by.ask(std::move(what));
  }
  bool has_bytes(const file_facts& file) const {
    return std::filesystem::exists(blob_path(it.data.path() / "files", file.file));
  }
  std::size_t rows(const std::string& table) {
    std::size_t count = 0;
    for (const auto& [key, value] : dump(it.engine->model()))
      count += key.starts_with(table + "/") ? 1 : 0;
    return count;
  }
  std::size_t incoming() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each :
         std::filesystem::directory_iterator(incoming_path(it.data.path() / "files")))
      ++count;
    return count;
  }

private:
  file_desk& desk() {
    if (!desk_ || served_ != it.engine.get())
      desk_ = std::make_unique<file_desk>(it.engine->context(), policy);
    served_ = it.engine.get();
    return *desk_;
  }
  std::unique_ptr<file_desk> desk_;
  const void* served_ = nullptr;
};

TEST_CASE("what was uploaded is in the message, for everyone who may read it") {
  friends all;
  const file_facts file = all.uploaded("alice");
  CHECK(hex(file.sha256, 32) == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  CHECK(file.size == 5);
  CHECK(all.open(file, "alice") == "ok"); // the uploader, while it is unsent
  CHECK(all.open(file, "bob") == "not_found");
  CHECK(all.rows("unsent_files") == 1);
  const json sent = all.send(*all.alice, "a1", {file});
  REQUIRE(sent["type"] == "sent");
  const auto events = all.bob->events();
  REQUIRE(!events.empty());
  const json& event = events.back();
  CHECK(event["body"] == "");
  REQUIRE(event["files"].size() == 1);
  CHECK(event["files"][0] == json{{"file", file.file.str()},
                                  {"name", "a b.txt"},
                                  {"type", "text/plain"},
                                  {"size", 5},
                                  {"sha256", hex(file.sha256, 32)}});
  CHECK(all.open(file, "alice") == "ok");
  CHECK(all.open(file, "bob") == "ok");
  CHECK(all.open(file, "eve") == "not_found");
  CHECK(all.rows("unsent_files") == 0);
  CHECK(all.rows("unused_files") == 0);
  const json listed = all.bob->ask(list_conversations{})["items"][0];
  CHECK(listed["last"]["files"] == event["files"]);
  const json told = all.bob->ask(get_file{file.file});
  CHECK(told["type"] == "file");
  CHECK(told["url"].get<std::string>().starts_with("/v1/files/" + file.file.str() + "?user=bob&"));
  CHECK(code_of(all.eve->ask(get_file{file.file})) == "not_found");
  CHECK(code_of(all.bob->ask(get_file{file_id{"nothing"}})) == "not_found");
}

TEST_CASE("only who uploaded a file sends it, and not for ever") {
  friends all;
  const file_facts file = all.uploaded("alice");
  CHECK(code_of(all.send(*all.bob, "b1", {file})) == "not_found");
  CHECK(code_of(all.send(*all.alice, "a0", {file, file})) == "bad_request");
  CHECK(code_of(all.send(*all.alice, "a1", {})) == "bad_request");
  CHECK(code_of(all.send(*all.alice, "a2", std::vector<file_facts>(11, file))) == "too_large");
  const json sent = all.send(*all.alice, "a3", {file});
  CHECK(all.send(*all.alice, "a3", {file})["seq"] == sent["seq"]);
  const file_facts other = all.uploaded("alice", "other");
  CHECK(code_of(all.send(*all.alice, "a3", {other})) == "conflict");
  CHECK(code_of(all.send(*all.alice, "a4", {other, file})) == "sent"); // in two messages now
  CHECK(code_of(all.send(*all.bob, "b2", {file})) == "not_found");     // whoever may read it
  all.it.pass(23h + 1min);
  CHECK(code_of(all.send(*all.alice, "a5", {file})) == "not_found");
  CHECK(all.open(file, "bob") == "ok");
}

TEST_CASE("a file goes with the last message that has it") {
  friends all;
  const file_facts file = all.uploaded("alice");
  const json one = all.send(*all.alice, "a1", {file});
  const json two = all.send(*all.alice, "a2", {file});
  all.alice->ask(erase{all.where, one["seq"], audience::everyone});
  CHECK(all.open(file, "bob") == "ok");
  all.bob->ask(erase{all.where, two["seq"], audience::me});
  CHECK(all.open(file, "bob") == "not_found"); // he has hidden what is left of it
  CHECK(all.open(file, "alice") == "ok");
  all.alice->ask(erase{all.where, two["seq"], audience::everyone});
  CHECK(all.open(file, "alice") == "not_found");
  CHECK(all.has_bytes(file));
  const json gone = all.bob->ask(get_erasure{all.where, one["seq"]});
  CHECK(gone["files"] == 1);
  CHECK_FALSE(
      all.bob->ask(history{all.where, {}, one["seq"].get<std::uint64_t>() - 1, {}, 1})["events"][0]
          .contains("files"));
  all.it.pass(100s);
  all.it.pass(1s);
  CHECK_FALSE(all.has_bytes(file));
  CHECK(all.rows("files") == 0);
  CHECK(all.rows("file_uses") == 0);
  CHECK(all.rows("unused_files") == 0);
  CHECK(all.it.engine->failures().empty());
}

TEST_CASE("a file that is sent again within the minute stays") {
  friends all;
  const file_facts file = all.uploaded("alice");
  const json one = all.send(*all.alice, "a1", {file});
  all.alice->ask(erase{all.where, one["seq"], audience::everyone});
  all.it.pass(10s);
  CHECK(code_of(all.send(*all.alice, "a2", {file})) == "sent");
  all.it.pass(200s);
  CHECK(all.open(file, "bob") == "ok");
  const json two = all.send(*all.alice, "a3", {file});
  CHECK(two["type"] == "sent");
}

TEST_CASE("a file is read through messages that are there for the reader") {
  friends all;
  const file_facts file = all.uploaded("alice");
  SECTION("not through one whose time is over") {
    all.send(*all.alice, "a1", {file}, 30);
    CHECK(all.open(file, "bob") == "ok");
    all.it.pass(31s);
    CHECK(all.open(file, "bob") == "not_found");
    all.it.pass(100s);
    all.it.pass(1s);
    CHECK_FALSE(all.has_bytes(file));
  }
  SECTION("not by who was removed") {
    all.send(*all.alice, "a1", {file});
    all.alice->ask(remove_member{all.where, user_id{"bob"}, {}});
    CHECK(all.open(file, "bob") == "not_found");
    CHECK(all.open(file, "alice") == "ok");
  }
  SECTION("not by who came later and sees nothing of what was before") {
    all.send(*all.alice, "a1", {file});
    update_conversation what{all.where};
    what.history = shown_past::joined;
    all.alice->ask(std::move(what));
    all.alice->ask(add_members{all.where, {user_id{"eve"}}, {}, {}});
    CHECK(all.open(file, "eve") == "not_found");
    all.send(*all.alice, "a2", {file});
    CHECK(all.open(file, "eve") == "ok");
  }
  SECTION("not when its conversation was deleted") {
    all.send(*all.alice, "a1", {file});
    all.alice->ask(erase{all.where});
    CHECK(all.open(file, "bob") == "not_found");
    CHECK(all.open(file, "alice") == "not_found");
    all.it.pass(100s);
    all.it.pass(1s);
    CHECK(all.rows("files") == 0);
    CHECK_FALSE(all.has_bytes(file));
  }
}

TEST_CASE("what is never sent goes after a day") {
  friends all;
  const file_facts file = all.uploaded("alice");
  all.it.pass(23h);
  CHECK(all.open(file, "alice") == "ok");
  CHECK(all.has_bytes(file));
  all.it.pass(1h + 1min);
  all.it.pass(1s);
  CHECK(all.open(file, "alice") == "not_found");
  CHECK_FALSE(all.has_bytes(file));
  CHECK(all.rows("unsent_files") == 0);
}

TEST_CASE("what an erased user never sent is nobody's, and goes after a day") {
  for (const auto policy : {erasure_policy::anonymise, erasure_policy::remove}) {
    friends all;
    const file_facts sent = all.uploaded("alice");
    CHECK(code_of(all.send(*all.alice, "a1", {sent})) == "sent");
    const file_facts unsent = all.uploaded("alice");
    bool has_begun = false;
    erasure_desk{all.it.engine->context()}.begin(user_id{"alice"}, policy,
                                                 [&](const auto& told) { has_begun = told.ok(); });
    for (int i = 0; i < 50; ++i)
      all.it.pass(500ms);
    REQUIRE(has_begun);
    CHECK(all.open(unsent, "alice") == "not_found");
    CHECK(all.open(unsent, "bob") == "not_found");
    CHECK(all.has_bytes(unsent));
    CHECK(all.rows("unsent_files") == 1);
    all.it.pass(24h + 1min);
    all.it.pass(1s);
    CHECK_FALSE(all.has_bytes(unsent));
    CHECK(all.rows("unsent_files") == 0);
    CHECK(all.has_bytes(sent) == (policy == erasure_policy::anonymise));
  }
}

TEST_CASE("an upload that is given up leaves nothing") {
  friends all;
  auto begun = all.begin("alice");
  REQUIRE(begun->code() == "ok");
  CHECK(all.write(***begun->what, "some") == "ok");
  CHECK(all.incoming() == 1);
  begun.reset();
  all.it.engine->settle();
  CHECK(all.incoming() == 0);
  CHECK(all.rows("files") == 0);
}

TEST_CASE("what a crash leaves behind is gone after the next start") {
  friends all;
  const file_facts kept = all.uploaded("alice");
  const file_facts stray{file_id{std::string(32, 'a')}, "", "text/plain", 1, {}};
  std::filesystem::create_directories(
      blob_path(all.it.data.path() / "files", stray.file).parent_path());
  std::ofstream{blob_path(all.it.data.path() / "files", stray.file)} << "x";
  const auto incoming = incoming_path(all.it.data.path() / "files");
  std::ofstream{incoming / "half"} << "x";
  constexpr auto mark = std::filesystem::perms::group_read;
  std::filesystem::permissions(incoming, mark, std::filesystem::perm_options::add);
  all.restart();
  all.it.engine->settle();
  CHECK(all.incoming() == 0);
  // The same directory still: a full disk may have no room for another.
  CHECK((std::filesystem::status(incoming).permissions() & mark) == mark);
  CHECK_FALSE(all.has_bytes(stray));
  CHECK(all.has_bytes(kept));
}

TEST_CASE("uploads have bounds: of one file, at a time, and of what is not sent") {
  friends all;
  all.policy.most_bytes = std::uint64_t{100} << 20;
  CHECK(all.begin("alice", all.policy.most_bytes + 1)->code() == "too_large");
  std::vector<decltype(all.begin("alice"))> under_way;
  for (std::size_t i = 0; i < limits::uploads_per_user; ++i)
    under_way.push_back(all.begin("alice", 1));
  CHECK(under_way.back()->code() == "ok");
  CHECK(all.begin("alice", 1)->code() == "rate_limited");
  CHECK(all.begin("bob", 1)->code() == "ok");
  under_way.clear();
  all.it.engine->settle();
  const auto one = all.begin("alice", std::uint64_t{100} << 20);
  const auto two = all.begin("alice", std::uint64_t{100} << 20);
  CHECK(two->code() == "ok");
  CHECK(all.begin("alice", std::uint64_t{100} << 20)->code() == "rate_limited"); // 256 MiB
}

TEST_CASE("a file that grows beyond the limit is refused on the way") {
  friends all;
  all.policy.most_bytes = 10;
  const auto begun = all.begin("alice");
  REQUIRE(begun->code() == "ok");
  CHECK(all.write(***begun->what, "0123456789") == "ok");
  CHECK(all.write(***begun->what, "0") == "too_large");
}

TEST_CASE("media types are read as RFC 9110 has them") {
  CHECK(media_type_of("Text/HTML; charset=utf-8") == "text/html");
  CHECK(media_type_of("a/b;c=\"d;e\" ; f=g;") == "a/b");
  for (const auto* each :
       {"", "text", "text/", "/html", "text/html/x", "te xt/html", "text/html; x",
        "text/html; x=", "text/html x=y", "text/html; x=\"y", "a\r\nb/c"})
    CHECK_FALSE(media_type_of(each));
  CHECK(is_type_among("image/png", {}));
  CHECK(is_type_among("image/png", {"application/pdf", "image/*"}));
  CHECK_FALSE(is_type_among("image/png", {"application/pdf", "imag/*", "image/pn"}));
  CHECK(is_type_pattern("image/*"));
  CHECK_FALSE(is_type_pattern("image"));
}

TEST_CASE("a signed address is good for its user, its file and its time alone") {
  const file_addresses ours{"secret", "epoch"};
  const file_id file{std::string(32, '1')};
  const user_id user{"a&b \xc3\xa9"};
  const timestamp until{1000ms};
  const std::string url = ours.sign(file, user, until);
  CHECK(url.starts_with("/v1/files/" + file.str() + "?user=a%26b%20%C3%A9&until=1000&signature="));
  const std::string signature = url.substr(url.rfind('=') + 1);
  CHECK(ours.is_good(file, user, 1000, signature, timestamp{999ms}));
  CHECK_FALSE(ours.is_good(file, user, 1000, signature, timestamp{1000ms}));
  CHECK_FALSE(ours.is_good(file, user, 1001, signature, timestamp{999ms}));
  CHECK_FALSE(ours.is_good(file, user_id{"a"}, 1000, signature, timestamp{999ms}));
  CHECK_FALSE(ours.is_good(file_id{std::string(32, '2')}, user, 1000, signature, timestamp{999ms}));
  CHECK_FALSE(
      file_addresses("secret", "other").is_good(file, user, 1000, signature, timestamp{999ms}));
  CHECK_FALSE(
      file_addresses("other", "epoch").is_good(file, user, 1000, signature, timestamp{999ms}));
}

TEST_CASE("a user has so many downloads at a time, and each gives its place back") {
  const auto book = std::make_shared<download_book>();
  std::vector<std::shared_ptr<const void>> places;
  for (std::size_t i = 0; i < limits::downloads_per_user; ++i) {
    auto place = book->begin(user_id{"bob"});
    REQUIRE(place);
    places.push_back(*place);
  }
  const auto refused = book->begin(user_id{"bob"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == error_code::rate_limited);
  CHECK(book->begin(user_id{"carol"}));
  places.pop_back();
  CHECK(book->begin(user_id{"bob"}));
}

} // namespace files_test
