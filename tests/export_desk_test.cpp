// How exports end, as they are counted.
#include "actors/export_desk.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace export_desk_test {

/// Archives that have nothing in them.
class empty_archives final : public exports {
public:
  class no_bytes final : public export_stream {
    void read(told<std::string> to) override { to(std::string{}); }
  };
  void open(export_question, told<std::shared_ptr<export_stream>> to) override {
    to(std::shared_ptr<export_stream>{std::make_shared<no_bytes>()});
  }
};

TEST_CASE(
    "an export that was read to its end has ended, one that was let go of before has failed") {
  scene it;
  export_desk desk{it.engine->context(), std::make_shared<empty_archives>()};
  std::vector<opened_export> held;
  for (const auto* user : {"alice", "bob"}) {
    identity who;
    who.user = user_id{user};
    desk.open(who.user, who, [&](const result<opened_export>& opened) {
      REQUIRE(opened);
      held.push_back(*opened);
    });
    it.engine->settle();
  }
  REQUIRE(held.size() == 2);
  const auto& counted = it.engine->context()->metrics->exports;
  CHECK(of(counted, export_stage::begun).value() == 2);
  held.back().bytes->read([](const result<std::string>& bytes) { CHECK(bytes->empty()); });
  held.pop_back();
  CHECK(of(counted, export_stage::ended).value() == 1);
  CHECK(of(counted, export_stage::failed).value() == 0);
  held.clear();
  CHECK(of(counted, export_stage::failed).value() == 1);
}

} // namespace export_desk_test
