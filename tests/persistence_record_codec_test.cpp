// Batches of the log as bytes: what is written is read, and nothing else is ever believed.
#include <random>
#include <string>
#include <vector>

#include "persistence/checksum.hpp"
#include "persistence/packed.hpp"
#include "persistence/record_codec.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

namespace persistence_record_codec_test {

using namespace std::chrono_literals;

std::vector<record_ptr> one_of_each_kind() {
  story told;
  return {
      told.created("room", {"alice", "bob"}),
      told.message("room", "alice", "hello"),
      told.message("room", "bob", std::string(3000, 'x')),
      told.message("room", "alice", "to all", {}, {user_id{"@all"}, user_id{"bob"}}),
      told.joined("room", "alice", "carol"),
      told.left("room", "alice", "bob"),
      told.changed("room", "alice", {"new title", "\x80"}, {{user_id{"carol"}, role::admin}}),
      told.changed("room", "alice", {{}, {}, 30, true, permissions{{role::admin}}}),
      told.edited("room", "alice", 2, "better", {user_id{"carol"}}, {{user_id{"bob"}}, true}),
      told.reacted("room", "carol", "alice", 2, "+1", true),
      told.erased("room", "alice", 2, {9}, {{user_id{"carol"}}, false}),
      told.kept("room", "carol", {true, 17, false, notify_level::none, {{"mon 09:00-10:00"}}}),
      told.hidden("room", "carol", "bob", 3, {{user_id{"carol"}}, false}),
      told.restricted("room", "alice", {user_id{"mallory"}, 7, limits::for_good}),
      told.notified("room", {{user_id{"carol"}, 3, 1, true}, {user_id{"bob"}, 1, 0, false}}),
      told.of_book(record_kind::dismissed, "carol", {{}, {}, conversation_id{"room"}, {}}),
      told.of_book(record_kind::tuned, "carol",
                   {{},
                    {},
                    {},
                    {notify_level::none, 5, std::vector<std::string>{"daily 22:00-07:00"}, "UTC"}}),
      told.of_book(record_kind::tuned, "carol", {{}, {}, {}, {{}, {}, {}, {}, false, {}}, {}}),
      told.of_book(record_kind::tuned, "carol", {{}, {}, {}, {{}, {}, {}, "UTC", {}, true}, {}}),
      told.of_book(record_kind::profiled, "carol",
                   {{}, {}, {}, {}, user_profile{"Carol", "", "hello", timestamp{1h}}}),
      told.pinned("room", "carol", "bob", 3),
      told.pinned("room", "carol", "bob", 3, true),
      told.invited("room", "alice", "dave"),
      told.uninvited("room", "dave", "dave"),
      told.changed("room", "alice", {{}, {}, {}, {}, {}, {}, retention_bounds{30, 500}}),
      told.trimmed("room", 5),
      told.held("room", "root"),
      told.held("room", "root", false)};
}

/// The payload under a right checksum, whatever it says.
std::string sealed(const std::string& payload) {
  std::string bytes(1, static_cast<char>(batch_format));
  append_big_endian(bytes, checksum_of(payload, batch_format));
  return bytes + payload;
}

TEST_CASE("a batch comes back from its bytes with every field") {
  const auto records = one_of_each_kind();
  const auto read = must(decode_batch(encode_batch(records)));
  REQUIRE(read.size() == records.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    const record& was = *records[i];
    const record& is = *read[i];
    CHECK(is.kind == was.kind);
    CHECK(is.conversation == was.conversation);
    CHECK(is.seq == was.seq);
    CHECK(is.at == was.at);
    CHECK(is.actor == was.actor);
    CHECK(is.key == was.key);
    CHECK(is.content == was.content);
    CHECK(is.answer == was.answer);
    CHECK(is.ordinal == was.ordinal);
    CHECK(is.joined == was.joined);
    CHECK(is.left == was.left);
    CHECK(is.created.has_value() == was.created.has_value());
    CHECK(is.roles == was.roles);
    CHECK(is.settings == was.settings);
    CHECK(is.restricted == was.restricted);
    CHECK(is.mentions == was.mentions);
    CHECK((is.kept != nullptr) == (was.kept != nullptr));
    if (is.kept && was.kept)
      CHECK(*is.kept == *was.kept);
    CHECK(is.event == was.event);
    REQUIRE((is.told != nullptr) == (was.told != nullptr));
    CHECK((!was.told || *is.told == *was.told));
    REQUIRE((is.change != nullptr) == (was.change != nullptr));
    if (!was.change)
      continue;
    CHECK(is.change->message == was.change->message);
    CHECK(is.change->author == was.change->author);
    CHECK(is.change->before == was.change->before);
    CHECK(is.change->tombstones == was.change->tombstones);
    CHECK(is.change->emoji == was.change->emoji);
    CHECK(is.change->removed == was.change->removed);
  }
  CHECK(read.front()->created->title == "about room");
  CHECK(read.front()->answer.count == 1);
}

TEST_CASE("a key keeps a scope and a sender of its own, and times may be before 1970") {
  story told;
  record made = *told.message("room", "alice", "hello");
  made.key = idempotency_key{conversation_id{"elsewhere"}, user_id{"mallory"}, client_id{"c"}};
  made.at = timestamp{std::chrono::milliseconds{-5}};
  const auto read = must(decode_batch(encode_batch({{std::make_shared<const record>(made)}})));
  CHECK(read.front()->key == made.key);
  CHECK(read.front()->at == made.at);
}

TEST_CASE("encoded_bound is an upper bound") {
  for (const auto& each : one_of_each_kind())
    CHECK(encode_batch({{each}}).size() <= encoded_bound(*each) + 16);
}

TEST_CASE("a batch that is cut off anywhere is refused") {
  const std::string bytes = encode_batch(one_of_each_kind());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK_FALSE(decode_batch(std::string_view(bytes).substr(0, length)).ok());
}

TEST_CASE("a batch with any bit flipped is refused") {
  const std::string bytes = encode_batch(one_of_each_kind());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE_FALSE(decode_batch(changed).ok());
  }
}

TEST_CASE("bytes of any kind under a right checksum are read or refused, never worse") {
  std::mt19937 random{20260101};
  const std::string good = encode_batch(one_of_each_kind()).substr(9);
  for (int round = 0; round < 20'000; ++round) {
    std::string payload = good.substr(0, random() % (good.size() + 1));
    for (unsigned changes = random() % 8; changes > 0 && !payload.empty(); --changes)
      payload[random() % payload.size()] = static_cast<char>(random());
    const auto read = decode_batch(sealed(payload));
    if (read.ok()) {
      CHECK(decode_batch(encode_batch(*read)).ok());
    }
  }
}

TEST_CASE("a length that is larger than the batch allocates nothing") {
  for (const std::string& claim :
       {std::string("\xdd\xff\xff\xff\xff", 5), std::string("\x91\xdd\xff\xff\xff\xff", 6),
        std::string("\x91\x9d\x00\xdb\xff\xff\xff\xff", 8)})
    CHECK_FALSE(decode_batch(sealed(claim)).ok());
}

TEST_CASE("records that could not be stored are refused by name") {
  story told;
  record made = *told.message("room", "alice", "hello");
  CHECK(is_storable(made));
  made.conversation = conversation_id{std::string(129, 'x')};
  CHECK_FALSE(is_storable(made));
  made.conversation = conversation_id{};
  CHECK_FALSE(is_storable(made));
  made.conversation = conversation_id{"room"};
  made.seq = sequence{};
  CHECK_FALSE(is_storable(made));
}

TEST_CASE("a record says of an earlier message what its kind says, or it is refused") {
  story told;
  told.created("room", {"alice"});
  told.message("room", "alice", "hello");
  const record erased = *told.erased("room", "alice", 2);
  const record reacted = *told.reacted("room", "alice", "alice", 2, "+1");
  const auto with = [](const record& from, const auto& how) {
    record made = from;
    message_change change = *from.change;
    how(change);
    made.change = std::make_shared<message_change>(std::move(change));
    return is_storable(made);
  };
  CHECK(with(erased, [](auto&) {}));
  CHECK(with(reacted, [](auto&) {}));
  CHECK_FALSE(with(erased, [](auto& change) { change.tombstones.clear(); }));
  CHECK_FALSE(with(erased, [](auto& change) { change.tombstones.front().seq = sequence{1}; }));
  CHECK_FALSE(with(erased, [](auto& change) { change.message = sequence{9}; }));
  CHECK_FALSE(with(erased, [](auto& change) { change.author = user_id{}; }));
  CHECK_FALSE(with(reacted, [](auto& change) { change.emoji.clear(); }));
  CHECK_FALSE(with(reacted, [](auto& change) { change.emoji.assign(65, 'x'); }));
  record plain = *told.message("room", "alice", "hello");
  plain.change = erased.change;
  CHECK_FALSE(is_storable(plain));
  plain.change.reset();
  CHECK(is_storable(plain));
  plain.kept = std::make_shared<const preferences>(preferences{{}, {}, true, {}});
  CHECK_FALSE(is_storable(plain));
}

TEST_CASE("an invitation names whom it is about, or it is refused") {
  story told;
  for (record made :
       {*told.invited("room", "alice", "dave"), *told.uninvited("room", "alice", "dave")}) {
    CHECK(is_storable(made));
    made.roles.clear();
    CHECK_FALSE(is_storable(made));
  }
}

TEST_CASE("a reader passes over any value, however deep, without recursing") {
  const std::string deep(200'000, '\x91');
  packed_reader reader{deep};
  reader.skip();
  CHECK_FALSE(reader.ok());
  packed_reader whole{std::string_view("\x91\x91\x91\xc0\x05", 5)};
  whole.skip();
  CHECK(whole.number() == 5);
  CHECK(whole.done());
}

} // namespace persistence_record_codec_test

} // namespace parley::test
