// What is left of an export: in the archive as its last entry, and on the server.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/export_desk.hpp"
#include "tests/support/erasure_scene.hpp"
#include "tests/support/export_scene.hpp"
#include "tests/support/unpack.hpp"
#include "transport/http_exports.hpp"

using namespace parley;
using namespace parley::test;

namespace export_receipt_test {

/// SHA-256 as a receipt spells it.
std::string sum_of(const std::string& bytes) { return hex(hash_of(user_id{bytes}), 32); }

/// Archives of a store whose engine is stepped, read at once.
class archives_at_once final : public exports {
public:
  archives_at_once(export_sources from, const engine_in_memory& engine)
      : from_(std::move(from)), engine_(engine) {}

  void open(export_question what, told<std::shared_ptr<export_stream>> to) override {
    auto begun = export_archive::begin(from_, what, engine_.wall_clock());
    if (!begun)
      return to(begun.error());
    to(std::shared_ptr<export_stream>{std::make_shared<stream>(std::move(*begun))});
  }

private:
  struct stream final : export_stream {
    explicit stream(std::unique_ptr<export_archive> made) : what(std::move(made)) {}
    void read(told<std::string> to) override { to(what->read()); }
    std::shared_ptr<const export_receipt> receipt() const override { return what->receipt(); }
    std::unique_ptr<export_archive> what;
  };
  export_sources from_;
  const engine_in_memory& engine_;
};

export_sources sources_of(scene& it) {
  export_sources from;
  from.tables = [&it] {
    return result<std::shared_ptr<const environment>>{it.engine->model().tables()};
  };
  from.files = it.data.path() / "files";
  from.to_json = &to_json;
  return from;
}

/// A desk over a scene's store.
struct desk_of_scene {
  scene& it;
  export_desk desk;

  explicit desk_of_scene(scene& in)
      : it(in),
        desk(in.engine->context(), std::make_shared<archives_at_once>(sources_of(in), *in.engine)) {
  }

  opened_export open(const std::variant<conversation_id, user_id>& what, const std::string& by,
                     bool admin) {
    identity who;
    who.user = user_id{by};
    who.admin = admin;
    std::optional<opened_export> begun;
    desk.open(what, who, [&](const result<opened_export>& opened) {
      REQUIRE(opened);
      begun = *opened;
    });
    it.engine->settle();
    REQUIRE(begun);
    return *begun;
  }
  /// Its next bytes, once they are there.
  result<std::string> read(const opened_export& from) {
    std::optional<result<std::string>> some;
    from.bytes->read([&](const result<std::string>& bytes) { some.emplace(bytes); });
    it.engine->settle();
    REQUIRE(some);
    return *some;
  }
  /// All of it, or nothing when it breaks off.
  std::optional<std::string> read_all(const opened_export& from) {
    std::string all;
    for (;;) {
      const auto some = read(from);
      if (!some || some->empty())
        return some ? std::optional{all} : std::nullopt;
      all += *some;
    }
  }
  std::vector<json> listed(const std::optional<std::string>& before = {}) {
    std::vector<json> all;
    desk.list(before, [&](const result<std::vector<std::string>>& found) {
      REQUIRE(found);
      for (const auto& each : *found)
        all.push_back(unpack(each));
    });
    it.engine->settle();
    return all;
  }
  std::optional<json> found(const std::string& id) {
    std::optional<json> one;
    desk.find(id, [&](const result<std::string>& receipt) {
      if (receipt)
        one = unpack(*receipt);
    });
    it.engine->settle();
    return one;
  }
};

TEST_CASE("an archive ends with a receipt that leads to the sum of every other entry") {
  crew all;
  all.send_file(*all.alice, "f", all.uploaded("alice", "some bytes"));
  const auto gone = all.post(*all.alice, "a1");
  const auto last = all.post(*all.bob, "b1");
  all.alice->ask(erase{all.where, gone, audience::everyone});
  export_question asked{all.where, user_id{"bob"}};
  asked.receipt = "r1";
  asked.by = user_id{"bob"};
  const auto tar = all.exported(asked);
  CHECK(tar.names.back() == "receipt.json");
  const json receipt = tar.document("receipt.json");
  CHECK(receipt["type"] == "export");
  CHECK(receipt["export"] == "r1");
  CHECK(receipt["by"] == "bob");
  CHECK(receipt["as"] == "reader");
  CHECK(receipt["conversation"] == all.where.str());
  CHECK(receipt["begun_at"] == tar.document("manifest.json")["at"]);
  CHECK(receipt["done_at"] >= receipt["begun_at"]);
  CHECK(receipt["messages"] == 3);
  CHECK(receipt["events"] == 5);
  CHECK(receipt["files"] == 1);
  const json range{
      {"conversation", all.where.str()}, {"first", 1}, {"last", last + 1}, {"messages", 3}};
  CHECK(receipt["ranges"] == json::array({range}));
  CHECK(tar.lines("ranges") == std::vector<json>{range});
  std::vector<json> sums = tar.lines("checksums");
  for (const auto& each : receipt["checksums"])
    sums.push_back(each);
  REQUIRE(sums.size() == tar.names.size() - 1);
  CHECK(receipt["entries"] == sums.size());
  std::uint64_t bytes = 0;
  for (const auto& each : sums) {
    const std::string& entry = tar.entries.at(each["entry"]);
    CHECK(each["sha256"] == sum_of(entry));
    CHECK(each["bytes"] == entry.size());
    bytes += entry.size();
  }
  CHECK(receipt["bytes"] == bytes);
}

TEST_CASE("the receipt is on disk before anybody has the archive's end") {
  crew all;
  desk_of_scene desk{all.it};
  const auto first = all.post(*all.alice, "a1", std::string(400'000, 'x').substr(0, 4'000));
  CHECK(desk.listed().empty());
  {
    const auto broken = desk.open(all.where, "alice", false);
    all.it.engine->log().failing = true;
    CHECK_FALSE(desk.read_all(broken)); // it cannot be kept, so there is no end
    all.it.engine->log().failing = false;
  }
  CHECK(desk.listed().empty());
  const auto bytes = desk.read_all(desk.open(all.where, "alice", false));
  REQUIRE(bytes);
  const opened_tar tar{*bytes};
  json in_archive = tar.document("receipt.json");
  const auto kept = desk.found(in_archive["export"]);
  REQUIRE(kept);
  CHECK((*kept)["sha256"] == sum_of(tar.entries.at("receipt.json")));
  in_archive["sha256"] = (*kept)["sha256"];
  in_archive.erase("checksums");
  CHECK(*kept == in_archive);
  CHECK((*kept)["by"] == "alice");
  CHECK((*kept)["ranges"][0]["last"] == first);
  CHECK_FALSE(desk.found("none"));
  all.it.pass(std::chrono::milliseconds{5});
  REQUIRE(desk.read_all(desk.open(user_id{"bob"}, "root", true)));
  all.alice.reset();
  all.bob.reset();
  all.eve.reset();
  all.it.restart();
  desk_of_scene later{all.it};
  const auto both = later.listed();
  REQUIRE(both.size() == 2);
  CHECK(both[0]["user"] == "bob");
  CHECK(both[0]["as"] == "administrator");
  CHECK(both[1] == *kept);
  CHECK(later.listed(both[0]["export"].get<std::string>()) == std::vector<json>{*kept});
  all.it.engine.reset();
  CHECK(problems_of(all.it.data.path()) == "");
  all.it.engine = all.it.start();
}

TEST_CASE("an export that is let go of has no receipt") {
  crew all;
  desk_of_scene desk{all.it};
  for (int i = 0; i < 100; ++i)
    all.post(*all.alice, "a" + std::to_string(i), std::string(limits::body_bytes - 100, 'b'));
  {
    const auto begun = desk.open(all.where, "alice", false);
    REQUIRE(desk.read(begun));
  }
  all.it.pass(std::chrono::seconds{1});
  CHECK(desk.listed().empty());
}

TEST_CASE("receipts do not keep the name of who was erased since, or meanwhile") {
  scene_of_erasure all;
  desk_of_scene desk{all.it};
  REQUIRE(desk.read_all(desk.open(user_id{all.name}, all.name, false)));
  const auto slow = desk.open(user_id{all.name}, "root", true);
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  REQUIRE(desk.read_all(slow));
  all.it.pass(std::chrono::seconds{20}); // the name is somebody else's
  client stranger{all.it, all.name};
  stranger.ask(set_profile{erasable_text{"Z."}, {}, {}, {}});
  const auto receipts = desk.listed();
  REQUIRE(receipts.size() == 2);
  for (const auto& each : receipts)
    CHECK(each["user"] == done.pseudonym.str());
  CHECK(receipts[1]["by"] == done.pseudonym.str());
  CHECK(receipts[0]["by"] == "root");
  REQUIRE(desk.read_all(desk.open(user_id{all.name}, all.name, false)));
  CHECK(desk.listed()[0]["user"] == all.name);
  stranger.close();
  CHECK(all.checked() == "");
}

TEST_CASE("a receipt that names who was erased is found by the check") {
  scene_of_erasure all;
  const auto done = all.finish(all.begin(erasure_policy::anonymise).id);
  all.zeno.reset();
  all.bob.reset();
  all.eve.reset();
  all.it.engine.reset();
  export_receipt what;
  what.id = "r1";
  what.user = user_id{all.name};
  plant(all.it.data.path(), model_table::exports, what.id,
        encode_row(what.id, export_row{encode_export_receipt(what)}));
  CHECK(problems_of(all.it.data.path()).find("names a user who was erased") != std::string::npos);
  plant(all.it.data.path(), model_table::exports, "r2",
        encode_row("r2", export_row{encode_export_receipt(what)}));
  CHECK(problems_of(all.it.data.path()).find("is no receipt") != std::string::npos);
  all.it.engine = all.it.start();
}

// --- HTTP ----------------------------------------------------------------------------------------

http_decision ask(const char* method, const char* target, bool with_token = true) {
  std::vector<http_header> headers{{"Host", "chat.example.com"}};
  if (with_token)
    headers.push_back({"Authorization", "Bearer t"});
  return decide({method, target, 11, headers, 0}, {}, {true, false});
}

int status(const http_decision& decided) {
  const auto* answer = std::get_if<http_answer>(&decided);
  return answer ? answer->status : 0;
}

TEST_CASE("receipts of exports are next to those of erasures") {
  CHECK(std::get<export_receipt_request>(ask("GET", "/v1/exports/x1")).receipt == "x1");
  const auto all = std::get<export_receipt_request>(ask("GET", "/v1/exports"));
  CHECK_FALSE(all.receipt);
  CHECK_FALSE(all.before);
  CHECK(std::get<export_receipt_request>(ask("GET", "/v1/exports?before=x1")).before == "x1");
  CHECK(status(ask("GET", "/v1/exports?after=x1")) == 400);
  CHECK(status(ask("GET", "/v1/exports?token=t")) == 400);
  CHECK(status(ask("GET", "/v1/exports/")) == 404);
  CHECK(status(ask("GET", "/v1/exports", false)) == 401);
  CHECK(status(ask("DELETE", "/v1/exports/x1")) == 405);
  export_receipt what;
  what.id = "r1";
  const std::string receipt = encode_export_receipt(what);
  CHECK(json::parse(answer_export_receipts({}, {receipt, receipt}).body)["items"].size() == 2);
  CHECK(export_receipt_id(timestamp{std::chrono::milliseconds{1}}, "b") <
        export_receipt_id(timestamp{std::chrono::milliseconds{2}}, "a"));
}

} // namespace export_receipt_test
