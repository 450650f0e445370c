// `check` names every kind of fault that is planted in a segment of old events.
#include <functional>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/cold_scene.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_check_cold_test {

using path = std::filesystem::path;

const conversation_id room{"room"};
const std::string list_at =
    tally_key(tally_prefix(room, tally::own, user_id{"alice"}), sequence{2});
const std::string segment_at = event_key(room, sequence{20});

/// A store with a segment: of "room" the events 1 to 20, and two that have rows.
void fill(store_of_test& data) {
  story told;
  std::vector<record_ptr> records{told.created("room", {"alice"})};
  for (int i = 0; i < 21; ++i)
    records.push_back(told.message("room", "alice", "old " + std::to_string(i)));
  data.write_each(records);
  cool(*data.model(), {records[20]->at, records[20]->at});
  data.close();
}

/// Plants a segment of one event, the last of those that are packed.
void shorten(const path& data) {
  segment_maker made;
  made.begin(sequence{19});
  made.add({position{19}, record_kind::message, message_ordinal{18}, "\x80"});
  compressor with{limits::cold_level};
  plant(data, model_table::cold, segment_at, made.value(segment_at, with));
}

struct fault {
  const char* what;
  std::function<void(const path&)> plant;
  const char* expected;
};

std::vector<fault> faults() {
  return {
      {"a flipped bit", [](const path& data) { spoil(data, model_table::cold, segment_at); },
       R"(cold "\x04room\x00\x00\x00\x00\x00\x00\x00\x14" does not match its checksum)"},
      {"a missing segment", [](const path& data) { uproot(data, model_table::cold, segment_at); },
       "does not follow 0"},
      {"an event that has a row, too",
       [](const path& data) {
         plant(data, model_table::events, segment_at,
               encode_row(segment_at, event_row{position{20}, record_kind::message,
                                                message_ordinal{19}, "\x80"}));
       },
       "has events that have rows, too"},
      {"a segment that is too short", shorten, "does not have the events it stands for"},
      {"what cannot be unpacked",
       [](const path& data) {
         plant(data, model_table::cold, segment_at,
               encode_row(segment_at, cold_row{sequence{1}, 100, "no zstd"}));
       },
       "cannot be unpacked"},
      {"a packed list that names another number",
       [](const path& data) {
         plant(data, model_table::tallies, list_at, encode_row(list_at, tally_row{1, {1, 97}}));
       },
       "names no message"},
      {"a packed list that is too long",
       [](const path& data) {
         plant(data, model_table::tallies, list_at,
               encode_row(list_at, tally_row{1, std::vector<std::uint64_t>(19, 1)}));
       },
       "does not follow the one before"},
      {"other totals",
       [](const path& data) {
         plant(data, model_table::meta, meta::cold_bytes, encode_meta(meta::cold_bytes, 1));
       },
       "takes other bytes than the model says"},
      {"a segment of a conversation that was deleted",
       [](const path& data) {
         auto opened = raw_model(data);
         std::string value{
             must(must(opened->read()).get(index_of(model_table::conversations), room.str()))
                 .value()};
         auto row = must(decode_conversation(room.str(), value));
         row.deleted = true;
         opened.reset();
         plant(data, model_table::conversations, room.str(), encode_row(room.str(), row));
       },
       "has rows of a conversation that was deleted"},
  };
}

TEST_CASE("a good store with a segment has no problems") {
  store_of_test data;
  fill(data);
  CHECK(problems_of(data.path()) == "");
  data.open();
  CHECK(rows_in(*data.model(), model_table::cold) == 1);
  CHECK(rows_in(*data.model(), model_table::events) == 2);
  CHECK(rows_in(*data.model(), model_table::tallies) == 3);
}

TEST_CASE("check names each fault that is planted in a segment") {
  for (const auto& each : faults()) {
    store_of_test data;
    fill(data);
    each.plant(data.path());
    const std::string found = problems_of(data.path());
    INFO(each.what << ":\n" << found);
    CHECK(found.find(each.expected) != std::string::npos);
  }
}

} // namespace persistence_check_cold_test

} // namespace parley::test
