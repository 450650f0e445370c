// Cursors, lists and journal against a model that counts message by message.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_receipts_test {

const std::vector<std::string> everyone{"alice", "bob", "carol", "dave"};

/// What a conversation is, told the plain way: every message, and every member's moves.
class plain_room {
public:
  struct message {
    std::uint64_t seq;
    std::string from;
    std::set<std::string> mentions;
  };
  struct move {
    std::uint64_t to;
    timestamp at;
  };
  struct standing {
    std::uint64_t since;
    receipt now;
    std::vector<move> delivered;
    std::vector<move> read;
  };

  std::vector<message> messages;
  std::map<std::string, standing> members;

  void join(const std::string& user, std::uint64_t seq) {
    members[user] = {seq, {sequence{seq}, sequence{seq}, sequence{seq}}, {}, {}};
  }
  void shift(const std::string& user, receipt to, timestamp at) {
    standing& mine = members.at(user);
    shift(mine.delivered, mine.now.delivered.value(), to.delivered.value(), at);
    shift(mine.read, mine.now.shown.value(), to.shown.value(), at); // as others are told
    mine.now = to;
  }
  std::uint64_t unread(const std::string& user, bool only_mentions) const {
    return static_cast<std::uint64_t>(
        std::count_if(messages.begin(), messages.end(), [&](const message& each) {
          const bool mentions = each.mentions.contains("@all") || each.mentions.contains(user);
          return each.from != user && each.seq > members.at(user).now.read.value() &&
                 (!only_mentions || mentions);
        }));
  }
  /// Who has a message: user, delivered, read (0: not).
  std::vector<std::tuple<std::string, std::int64_t, std::int64_t>>
  having(const message& what) const {
    std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> found;
    for (const auto& [user, mine] : members)
      if (user != what.from && mine.since < what.seq && mine.now.delivered.value() >= what.seq)
        found.emplace_back(user, passed(mine.delivered, what.seq), passed(mine.read, what.seq));
    return found;
  }

private:
  static void shift(std::vector<move>& moves, std::uint64_t from, std::uint64_t to, timestamp at) {
    for (std::uint64_t seq = from + 1; seq <= to; ++seq) // every number on its own
      moves.push_back({seq, at});
    std::erase_if(moves, [&](const move& each) { return each.to > to; });
  }
  static std::int64_t passed(const std::vector<move>& moves, std::uint64_t seq) {
    for (const auto& each : moves)
      if (each.to == seq)
        return to_wire(each.at);
    return 0;
  }
};

/// A random life of one room, as batches and as the plain model.
struct random_life {
  story told;
  plain_room room;
  std::vector<batch_ptr> batches;
  std::mt19937_64 random;
  std::uint64_t head = 1;
  std::vector<record_ptr> pending;

  explicit random_life(std::uint64_t seed, std::size_t steps) : random(seed) {
    pending.push_back(told.created("room", everyone));
    for (const auto& user : everyone)
      room.join(user, 1);
    for (std::size_t i = 0; i < steps; ++i) {
      step();
      if (below(3) == 0)
        commit();
    }
    commit();
  }

  std::size_t below(std::size_t bound) { return random() % bound; }
  const std::string& anyone() { return everyone[below(everyone.size())]; }
  void commit() {
    if (!pending.empty())
      batches.push_back(batch_at(batches.size() + 1, std::exchange(pending, {})));
  }

  void step() {
    const std::string user = anyone();
    if (!room.members.contains(user)) {
      pending.push_back(told.joined("room", "alice", user));
      room.join(user, ++head);
      return;
    }
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
      return post(user);
    case 3:
      if (user == "alice" || below(4) != 0)
        return post(user);
      pending.push_back(told.left("room", user, user));
      room.members.erase(user);
      ++head;
      return;
    default:
      return move(user);
    }
  }

  void post(const std::string& user) {
    std::vector<user_id> mentions;
    if (below(3) == 0)
      mentions.emplace_back(below(3) == 0 ? "@all" : anyone());
    pending.push_back(told.message("room", user, "hi", {}, mentions));
    plain_room::message said{++head, user, {}};
    for (const auto& each : mentions)
      said.mentions.insert(each.str());
    room.messages.push_back(std::move(said));
  }

  void move(const std::string& user) {
    const auto& mine = room.members.at(user);
    receipt to = mine.now;
    const std::uint64_t target = mine.since + below(head - mine.since + 1);
    const bool in_private = below(3) == 0;
    switch (below(4)) {
    case 0:
      to.delivered = std::max(to.delivered, sequence{target});
      break;
    case 1:
      to.read = sequence{target}; // perhaps back
      break;
    case 2:
      to.read = std::max(to.read, sequence{head});
      break;
    default:
      to.read = std::max(to.read, sequence{std::min(head, to.read.value() + 1)});
    }
    to.delivered = std::max(to.delivered, to.read);
    to.shown = in_private ? std::min(to.shown, to.read) : to.read;
    pending.push_back(told.receipts("room", {{user_id{user}, to}}));
    room.shift(user, to, pending.back()->at);
  }
};

std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> told_of(const receipt_page& page) {
  std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> found;
  for (const auto& each : page.items)
    found.emplace_back(each.user.str(), to_wire(each.delivered_at),
                       each.read_at ? to_wire(*each.read_at) : 0);
  return found;
}

void compare(const read_model& model, const plain_room& room) {
  for (const auto& [user, mine] : room.members) {
    const auto list = must(model.list(user_id{user}, {}, {}));
    REQUIRE(list.items.size() == 1);
    INFO(user);
    CHECK(list.items[0].read == mine.now.read);
    CHECK(list.items[0].unread == room.unread(user, false));
    CHECK(list.items[0].mentions == room.unread(user, true));
  }
  for (const auto& message : room.messages)
    CHECK(told_of(must(model.receipts({conversation_id{"room"}, message.seq}, user_id{"alice"}))) ==
          room.having(message));
}

TEST_CASE("unread, mentions and receipts are what counting message by message gives") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    const random_life life{seed, 400};
    store_of_test data;
    std::vector<std::vector<record_ptr>> batches;
    for (const auto& each : life.batches)
      batches.push_back(each->records);
    data.write(batches);
    compare(*data.model(), life.room);
    data.close();
    const auto [problems, text] = check_of(data.path());
    INFO(text);
    CHECK(problems == 0);
    const auto counted = std::to_string(life.room.members.size()) + " members' unread counts";
    CHECK(text.find(counted) != std::string::npos);
  }
}

TEST_CASE("cursors and lists are the same however batches are grouped") {
  for (std::uint64_t seed = 100; seed < 110; ++seed) {
    const random_life life{seed, 300};
    const auto rows_after = [&](std::size_t together) {
      store_of_test data;
      auto model = data.model();
      for (std::size_t i = 0; i < life.batches.size(); i += together) {
        const std::size_t end = std::min(i + together, life.batches.size());
        must(model->apply({life.batches.data() + i, end - i}));
      }
      auto rows = dump(*model);
      std::erase_if(rows, [](const auto& row) { return row.first == "meta/epoch"; });
      return rows;
    };
    const auto one_by_one = rows_after(1);
    CHECK(rows_after(7) == one_by_one);
    CHECK(rows_after(life.batches.size()) == one_by_one);
  }
}

TEST_CASE("nothing of a member stays behind when they leave") {
  story told;
  std::vector<record_ptr> records{told.created("room", {"alice", "bob"})};
  for (std::uint64_t seq = 2; seq < 60; ++seq) {
    records.push_back(told.message("room", "alice", "hi"));
    records.push_back(
        told.receipts("room", {{user_id{"bob"}, {sequence{seq}, sequence{seq}, sequence{seq}}}}));
  }
  records.push_back(told.left("room", "bob", "bob"));
  store_of_test data;
  auto model = data.model();
  must(model->apply(one_by_one(records)));
  for (const auto& [key, value] : dump(*model)) {
    CHECK_FALSE(key.starts_with("journal/"));
    CHECK((!key.starts_with("receipts/") || key.ends_with("alice")));
  }
}

TEST_CASE("a cursor beyond the newest event is refused as damage") {
  story told;
  store_of_test data;
  auto model = data.model();
  must(model->apply(one_by_one({told.created("room", {"alice", "bob"})})));
  const auto wrong =
      told.receipts("room", {{user_id{"bob"}, {sequence{2}, sequence{2}, sequence{2}}}});
  CHECK(model->apply(std::vector{batch_at(2, {wrong})}).error().code == error_code::internal);
}

} // namespace persistence_receipts_test

} // namespace parley::test
