// A deleted conversation's rows go bit by bit, and only its own.
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_deletion_test {

/// Two conversations alike, with messages, mentions and receipts; "room" is deleted in the end.
std::vector<record_ptr> two_rooms(std::size_t messages) {
  story told;
  std::vector<record_ptr> records;
  for (const auto* where : {"hall", "room"}) {
    records.push_back(told.created(where, {"alice", "bob"}));
    for (std::uint64_t seq = 2; seq < 2 + messages; ++seq) {
      records.push_back(told.message(where, "alice", "secret", {}, {user_id{"bob"}}));
      records.push_back(
          told.receipts(where, {{user_id{"bob"}, {sequence{seq}, sequence{seq}, sequence{seq}}}}));
    }
    records.push_back(told.left(where, "bob", "bob"));
    records.push_back(told.joined(where, "alice", "bob"));
    records.push_back(told.invited(where, "alice", "carol"));
  }
  records.push_back(told.deleted("room", "alice"));
  return records;
}

std::size_t rows_of_room(const read_model& model) {
  std::size_t count = 0;
  for (const auto& [key, value] : dump(model))
    count += key.find("room") != std::string::npos || value.find("room") != std::string::npos;
  return count;
}

void expect_sound(store_of_test& data) { CHECK(problems_of(data.path()) == ""); }

TEST_CASE("all rows of a deleted conversation go but its last event, its facts and its periods") {
  store_of_test data;
  data.write_each(two_rooms(1000));
  data.close();
  expect_sound(data);
  data.open();
  auto model = data.model();
  CHECK(model->has_condemned());
  std::size_t transactions = 0;
  for (; model->has_condemned(); ++transactions)
    must(model->purge_some());
  CHECK(transactions > 3); // none of them is large
  for (const auto& [key, value] : dump(*model))
    CHECK((value.find("room") == std::string::npos ||
           (value.find("secret") == std::string::npos &&
            value.find("about room") == std::string::npos)));
  CHECK(rows_of_room(*model) == 4); // event, conversation, two memberships
  CHECK(must(model->page(conversation_id{"room"}, {sequence{1}, sequence{9}}, {})).events.empty());
  CHECK(must(model->page(conversation_id{"hall"}, {sequence{1}, sequence{9}}, {})).events.size() ==
        9);
  CHECK(must(model->list(user_id{"bob"}, {}, {})).items.size() == 1);
  model.reset();
  data.close();
  expect_sound(data);
}

TEST_CASE("what is still to go is known after a restart") {
  store_of_test data;
  data.write_each(two_rooms(1000));
  must(data.model()->purge_some());
  data.close();
  expect_sound(data);
  data.open();
  auto model = data.model();
  CHECK(model->has_condemned());
  while (model->has_condemned())
    must(model->purge_some());
  CHECK(rows_of_room(*model) == 4);
}

} // namespace persistence_deletion_test

} // namespace parley::test
