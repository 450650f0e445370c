// What somebody wrote in conversations that they have left is in their archive, and nothing else.
#include <string>
#include <vector>

#include "tests/support/export_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace export_own_test {

TEST_CASE("a user's archive has what they wrote in a conversation that they left, and no more") {
  crew all;
  const file_facts file = all.uploaded("bob", "his bytes");
  const auto hers = all.post(*all.alice, "a1", "her words");
  const auto his = all.post(*all.bob, "b1", "his words");
  const auto gone = all.post(*all.bob, "b2", "words he took back");
  const auto with_file = all.send_file(*all.bob, "b3", file);
  all.bob->ask(edit_message{all.where, his, "his better words"});
  all.bob->ask(react{all.where, hers, "+1"});
  all.alice->ask(react{all.where, his, "heart"});
  all.bob->ask(erase{all.where, gone, audience::everyone});
  all.send_file(*all.alice, "a2", all.uploaded("alice", "her bytes"));
  all.bob->ask(leave{all.where, {}});
  all.post(*all.alice, "a3", "after he left");
  const auto tar = all.of_user("bob");
  std::string text;
  std::vector<std::string> kinds;
  for (const auto& each : tar.lines("conversations/000001/events")) {
    kinds.push_back(each["type"]);
    text += each.dump();
  }
  CHECK(kinds == names{"message", "message", "edited", "reaction"});
  CHECK(text.find("his words") != std::string::npos);
  CHECK(text.find("his better words") != std::string::npos);
  CHECK(tar.entries.at("conversations/000001/files/" + file.file.str()) == "his bytes");
  const auto files = tar.lines("conversations/000001/files");
  REQUIRE(files.size() == 1);
  CHECK(files[0]["messages"] == json::array({with_file}));
  for (const auto& [entry, bytes] : tar.entries)
    for (const char* others : {"her words", "heart", "her bytes", "after he left", "took back"})
      CHECK(bytes.find(others) == std::string::npos);
  CHECK_FALSE(tar.has("conversations/000001/conversation.json"));
  CHECK(tar.document("receipt.json")["messages"] == 2);
  CHECK(tar.document("receipt.json")["ranges"][0]["first"] == his);
  all.it.pass(std::chrono::seconds{2});
  REQUIRE(all.it.engine->cool(std::chrono::seconds{1}) > 0);
  CHECK(all.of_user("bob").lines("conversations/000001/events") ==
        tar.lines("conversations/000001/events"));
}

} // namespace export_own_test
