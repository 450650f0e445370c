// A data directory: one server, one secret, one epoch, parts that belong together, and enough
// space.
#include <sstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "persistence/check.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/model_rows.hpp"

namespace parley::test {

namespace persistence_store_test {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 0777u : 0u;
}

std::string refusal(const store_options& options) {
  auto opened = store::open(options);
  return opened ? std::string() : opened.error().message;
}

TEST_CASE("a new data directory is its owner's alone and small") {
  store_of_test data;
  CHECK(mode_of(data.path() / "secret") == 0600);
  CHECK(mode_of(data.path() / "model") == 0700);
  CHECK(mode_of(data.path() / "log" / "data.mdb") == 0600);
  CHECK(data.get().secret().size() == 32);
  CHECK(data.get().epoch().size() == 32);
  CHECK(fs::file_size(data.path() / "model" / "data.mdb") < (std::size_t{2} << 20));
}

TEST_CASE("secret, epoch and positions outlive the process") {
  store_of_test data;
  const auto secret = data.get().secret();
  const auto epoch = data.get().epoch();
  story told;
  data.write_each({told.created("room", {"alice"})});
  data.close();
  data.open();
  CHECK(data.get().secret() == secret);
  CHECK(data.get().epoch() == epoch);
  CHECK(data.get().make_watermarks()->committed() == position{1});
  CHECK(data.get().make_watermarks()->applied() == position{1});
  store_of_test other;
  CHECK(other.get().secret() != secret);
  CHECK(other.get().epoch() != epoch);
}

TEST_CASE("a second server is refused until the first one is gone") {
  store_of_test data;
  auto second = store::open(data.options());
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == error_code::unavailable);
  CHECK(second.error().message.find("in use") != std::string::npos);
  auto log = data.log();
  data.close();
  CHECK_FALSE(store::open(data.options()).ok()); // whoever holds a part holds the lock
  log.reset();
  CHECK(store::open(data.options()).ok());
}

TEST_CASE("a newer format is refused with a reason") {
  store_of_test data;
  data.close();
  plant(data.path(), model_table::meta, meta::format, encode_meta(meta::format, model_format + 1));
  CHECK(refusal(data.options()).find("newer version") != std::string::npos);
}

TEST_CASE("what the log has beyond the model is applied after a restart") {
  store_of_test data;
  story told;
  const auto created = told.created("room", {"alice"});
  data.write_each({created});
  must(data.log()->append(encode_batch({{told.message("room", "alice", "late")}})));
  data.close();
  data.open();
  CHECK(data.model()->applied() == position{1});
  must(replay_all(*data.log(), *data.model()));
  CHECK(must(data.model()->snapshot(conversation_id{"room"})).head == sequence{2});
}

TEST_CASE("parts that do not belong together are refused") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"alice"}), told.message("room", "alice", "x")});
  data.close();
  SECTION("a model without its log") {
    fs::remove_all(data.path() / "log");
    CHECK(refusal(data.options()).find("no log") != std::string::npos);
  }
  SECTION("a log without its model") {
    fs::remove_all(data.path() / "model");
    CHECK(refusal(data.options()).find("no read model") != std::string::npos);
  }
  SECTION("another store's log") {
    store_of_test other;
    other.close();
    fs::remove_all(data.path() / "log");
    fs::rename(other.path() / "log", data.path() / "log");
    CHECK(refusal(data.options()).find("another store") != std::string::npos);
  }
  SECTION("a log that is behind the model") {
    must(raw_log(data.path())->write([](write_transaction& writing) {
      writing.erase(0, std::string("\0\0\0\0\0\0\0\2", 8));
      return success();
    }));
    CHECK(refusal(data.options()).find("has applied 2") != std::string::npos);
  }
}

TEST_CASE("a crash anywhere in the first start leaves something that starts") {
  const auto crash_after = [](const std::function<void(const fs::path&)>& damage) {
    temporary_directory directory{quick_place()};
    store_options options;
    options.directory = directory.path() / "data";
    must(store::open(options));
    damage(options.directory);
    auto again = store::open(options);
    INFO((again ? std::string() : again.error().message));
    CHECK(again.ok());
  };
  crash_after([](const fs::path& data) { fs::remove_all(data / "log"); });
  crash_after([](const fs::path& data) {
    fs::remove_all(data / "log");
    fs::remove_all(data / "model");
  });
  crash_after([](const fs::path& data) {
    fs::rename(data / "model", data / "new"); // made but not yet in its place
    fs::remove_all(data / "log");
    fs::resize_file(data / "new" / "data.mdb", 5000);
  });
  crash_after([](const fs::path& data) { // cut while the second part was made
    fs::rename(data / "log", data / "new");
    fs::resize_file(data / "new" / "data.mdb", 0);
  });
  crash_after([](const fs::path& data) {
    fs::rename(data / "secret", data / "secret.new");
    fs::resize_file(data / "secret.new", 7);
  });
}

TEST_CASE("a secret of the wrong size is refused") {
  store_of_test data;
  data.close();
  fs::resize_file(data.path() / "secret", 31);
  CHECK(refusal(data.options()).find("secret") != std::string::npos);
}

TEST_CASE("room is promised while there is any, and whatever was promised can be applied") {
  temporary_directory directory{quick_place()};
  store_options options;
  options.directory = directory.path();
  options.model_bytes = std::size_t{3} << 20;
  auto data = must(store::open(options));
  auto model = data->model();
  story told;
  std::vector<batch_ptr> accepted{batch_at(1, {told.created("room", {"alice"})})};
  must(model->apply(accepted));
  std::uint64_t last = 1;
  for (;;) { // as the log writer does: promise first, apply a good deal later
    std::vector<batch_ptr> batches;
    bool full = false;
    while (batches.size() < 50 && !full) {
      auto batch = batch_at(last + 1, {told.message("room", "alice", std::string(400, 'x'))});
      full = !model->reserve(room_for(batch->records)).ok();
      if (!full) {
        batches.push_back(std::move(batch));
        ++last;
      }
    }
    if (!batches.empty())
      CHECK(must(model->apply(batches)) == position{last});
    for (const auto& each : batches)
      model->release(room_for(each->records));
    if (full)
      break;
  }
  CHECK(last > 1000);
  CHECK(must(model->snapshot(conversation_id{"room"})).head == sequence{last});
}

TEST_CASE("the end of a large conversation can be applied when all other room is taken") {
  temporary_directory directory{quick_place()};
  store_options options;
  options.directory = directory.path();
  options.model_bytes = std::size_t{64} << 20;
  auto data = must(store::open(options));
  auto model = data->model();
  story told;
  std::vector<std::string> crew;
  for (int i = 0; i < 20'000; ++i)
    crew.push_back("member " + std::to_string(i * 7919 % 20'000));
  must(
      model->apply({{batch_at(1, {told.created("hall", crew), told.created("room", {"alice"})})}}));
  record ending = *told.deleted("hall", crew.front());
  for (const auto& each : crew)
    ending.ended.emplace_back(each);
  const std::vector<record_ptr> end{std::make_shared<const record>(ending)};
  must(model->reserve(room_for(end)));
  std::uint64_t last = 1;
  for (;;) {
    const auto batch = batch_at(last + 1, {told.message("room", "alice", std::string(4'000, 'x'))});
    if (!model->reserve(room_for(batch->records)))
      break;
    must(model->apply({{batch}}));
    model->release(room_for(batch->records));
    ++last;
  }
  CHECK(last > 100);
  CHECK(must(model->apply({{batch_at(last + 1, end)}})) == position{last + 1});
}

} // namespace persistence_store_test

} // namespace parley::test
