// Nothing that was said in deleted messages outlives a compaction, whom they mentioned and how
// people reacted to them included, and the store is as whole as before.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "persistence/compact.hpp"
#include "persistence/event_facts.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/cold_scene.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_compact_words_test {

using words = std::set<std::string>;

/// A message and every word that events have because of it.
struct said_message {
  std::string author;
  std::vector<user_id> mentions;
  std::vector<std::uint64_t> edits;
  words all;
};

/// Alice, Bob and Carol, who has left, mention and react in all ways there are.
class told_room {
public:
  explicit told_room(std::uint64_t seed) : random_(seed) {
    data.write_each(
        {told.created("room", {"alice", "bob", "carol"}), told.left("room", "carol", "carol")});
    last_ = 2;
  }

  void live(int steps) {
    std::vector<record_ptr> records;
    for (int i = 0; i < steps; ++i)
      records.push_back(step());
    data.write_each(records);
  }
  void trim(std::uint64_t kept_from) {
    data.write_each({told.trimmed("room", kept_from)});
    while (data.model()->has_condemned())
      must(data.model()->purge_some());
    for (auto each = there.begin(); each != there.end();)
      each = each->first < kept_from ? bury(each) : std::next(each);
  }
  std::uint64_t last() const { return last_; }

  /// Words of what is gone that nothing else says.
  words gone() const {
    words living;
    for (const auto& [seq, each] : there)
      living.insert(each.all.begin(), each.all.end());
    words found;
    std::set_difference(gone_.begin(), gone_.end(), living.begin(), living.end(),
                        std::inserter(found, found.end()));
    return found;
  }

  story told;
  store_of_test data;
  std::map<std::uint64_t, said_message> there;

private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  std::string word(const char* kind) {
    return std::string(kind) + std::to_string(pick(3) == 0 ? pick(6) : 100 + pick(100'000)) + "-";
  }
  std::vector<user_id> some_mentions() {
    std::vector<user_id> all;
    for (const char* each : {"alice", "bob", "carol", "@all"})
      if (pick(6) == 0)
        all.emplace_back(each);
    for (auto i = pick(4); i > 0; --i)
      all.emplace_back(word("whom"));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }
  static void note(said_message& to, const std::vector<user_id>& mentions) {
    for (const auto& each : mentions)
      if (each.str().starts_with("whom"))
        to.all.insert(each.str());
  }
  std::map<std::uint64_t, said_message>::iterator
  bury(std::map<std::uint64_t, said_message>::iterator which) {
    gone_.insert(which->second.all.begin(), which->second.all.end());
    return there.erase(which);
  }

  record_ptr step() {
    const auto what = there.empty() ? 0 : pick(10);
    ++last_;
    if (what < 4) {
      said_message& now = there[last_];
      now.author = pick(2) == 0 ? "alice" : "bob";
      now.mentions = some_mentions();
      note(now, now.mentions);
      return told.message("room", now.author, "words", {}, now.mentions);
    }
    const auto which = std::next(there.begin(), static_cast<long>(pick(there.size())));
    auto& [seq, message] = *which;
    const mentioned before = rules::mentioned_by(message.mentions);
    if (what < 6) {
      message.mentions = some_mentions();
      note(message, message.mentions);
      message.edits.push_back(last_);
      return told.edited("room", message.author, seq, "other words", message.mentions, before);
    }
    if (what < 8) {
      std::string emoji = word("emoji");
      while (!message.all.insert(emoji).second) // each once
        emoji = word("emoji");
      return told.reacted("room", "bob", message.author, seq, emoji);
    }
    auto made = told.erased("room", message.author, seq, message.edits, before);
    bury(which);
    return made;
  }

  std::mt19937_64 random_;
  std::uint64_t last_ = 0;
  words gone_;
};

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Everything that is in the store, packed or not.
std::string all_of(told_room& room) {
  std::string all = unpacked(*room.data.model());
  for (const char* part : {"model/data.mdb", "log/data.mdb"})
    all += bytes_of(room.data.path() / part);
  return all;
}

std::string unread(told_room& room) {
  std::string all;
  for (const char* user : {"alice", "bob", "dave"})
    for (const auto& each : must(room.data.model()->list(user_id{user}, {}, timestamp{})).items)
      all += std::to_string(each.unread) + "/" + std::to_string(each.mentions) + " ";
  return all;
}

words found_in(const std::string& bytes, const words& all) {
  words found;
  for (const auto& each : all)
    if (bytes.find(each) != std::string::npos)
      found.insert(each);
  return found;
}

/// `meanwhile` happens between the copy and the change over to it.
template <class Meanwhile>
void compact(told_room& room, Meanwhile&& meanwhile) {
  compaction_places places;
  places.model = places.log = [](const auto& job) { return job(); };
  places.hurry = [&](position) { must(replay_all(*room.data.log(), *room.data.model())); };
  places.is_stopped = [] { return false; };
  compaction work{room.data.get().shared_from_this(), places};
  must(work.begin());
  must(copy_model_rows(*room.data.model()->tables(), room.data.get().unfinished(),
                       places.is_stopped));
  meanwhile();
  must(work.finish());
}

void expect_whole(told_room& room) {
  room.data.close();
  CHECK(problems_of(room.data.path()) == "");
  room.data.open();
}

TEST_CASE("whom deleted messages mentioned and how people reacted to them is in no file") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    told_room room{seed};
    room.live(150);
    if (seed % 2 == 0)
      cool(*room.data.model());
    room.live(150);
    if (seed % 3 == 0)
      room.trim(60);
    if (seed % 4 == 0)
      cool(*room.data.model());
    const words gone = room.gone();
    REQUIRE(gone.size() > 20);
    CHECK_FALSE(found_in(all_of(room), gone).empty());
    const std::string before = unread(room);
    compact(room, [] {});
    CHECK(found_in(all_of(room), gone).empty());
    CHECK(unread(room) == before);
    expect_whole(room);
    room.live(100); // on top of it, and once more
    expect_whole(room);
    if (seed % 3 != 0)
      room.trim(room.last() / 2);
    expect_whole(room);
    const words more = room.gone();
    compact(room, [] {});
    CHECK(found_in(all_of(room), more).empty());
    expect_whole(room);
  }
}

TEST_CASE("what happens while rows are copied without them comes to the same") {
  for (std::uint64_t seed = 21; seed <= 28; ++seed) {
    INFO("seed " << seed);
    told_room room{seed};
    room.live(200);
    room.data.write_each({room.told.message("room", "alice", "words", {}, {user_id{"dave"}}),
                          room.told.message("room", "alice", "more", {}, {user_id{"dave"}})});
    const auto last = room.last() + 1;
    room.data.write_each({room.told.erased("room", "alice", last, {}, {{user_id{"dave"}}, false})});
    compact(room, [&] { // who was nobody, when rows were copied, comes in
      room.data.write_each({room.told.joined("room", "alice", "dave"),
                            room.told.message("room", "bob", "so", {}, {user_id{"dave"}})});
    });
    const auto items = must(room.data.model()->list(user_id{"dave"}, {}, timestamp{})).items;
    REQUIRE(items.size() == 1);
    CHECK(items[0].unread == 1);
    CHECK(items[0].mentions == 1);
    expect_whole(room);
  }
}

TEST_CASE("a reaction to what is gone says who and when, not how") {
  story told;
  const auto put = told.created("room", {"alice"});
  const std::string event = encode_reaction(sequence{7}, put->at, user_id{"bob"},
                                            {conversation_id{"room"}, 3, "+1", true});
  const auto left = left_of_reaction(event);
  REQUIRE(left);
  const auto facts = facts_of(*left);
  REQUIRE(facts);
  CHECK(facts->message == 3);
  CHECK(facts->seq == 7);
  CHECK(left->find("bob") != std::string::npos);
  CHECK(left->find("+1") == std::string::npos);
  CHECK(left->find("deleted") != std::string::npos);
  CHECK_FALSE(left_of_reaction(*left));
  CHECK_FALSE(left_of_reaction("no map"));
}

} // namespace persistence_compact_words_test

} // namespace parley::test
