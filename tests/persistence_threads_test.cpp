// What may happen at once: reading while the file grows, and lanes that end in order.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "persistence/lane.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_of_test.hpp"

using namespace parley;
using namespace parley::test;

namespace persistence_threads_test {

TEST_CASE("readers go on, and see whole batches, while the file grows and space is promised") {
  store_of_test data;
  auto model = data.model();
  story told;
  must(model->apply({{batch_at(1, {told.created("room", {"alice"})})}}));
  std::atomic<bool> done{false};
  std::atomic<int> faults{0};
  const auto read = [&] {
    while (!done) {
      auto found = model->snapshot(conversation_id{"room"});
      faults +=
          found && found->head == found->tail.back().seq && found->head.value() % 10 == 1 ? 0 : 1;
    }
  };
  const auto promise = [&] {
    while (!done) {
      faults += model->reserve(1000) ? 0 : 1;
      model->release(1000);
    }
  };
  std::vector<std::thread> others;
  others.emplace_back(read);
  others.emplace_back(read);
  others.emplace_back(promise);
  const auto before = model->tables()->ordinary();
  for (std::uint64_t at = 2; at < 100 || model->tables()->ordinary() < 4 * before; ++at) {
    std::vector<record_ptr> records;
    for (int i = 0; i < 10; ++i)
      records.push_back(told.message("room", "alice", std::string(3000, 'x')));
    must(model->apply({{batch_at(at, std::move(records))}}));
  }
  done = true;
  for (auto& each : others)
    each.join();
  CHECK(faults == 0);
}

TEST_CASE("space is taken on one thread while another extends the mapping to it") {
  store_of_test data;
  auto model = data.model();
  story told;
  must(model->apply({{batch_at(1, {told.created("room", {"alice"})})}}));
  constexpr std::size_t step = 512 * 1024;
  std::atomic<std::size_t> promised{0};
  std::thread promising{[&] {
    while (promised < 128 * step && model->reserve(step))
      promised += step;
  }};
  for (std::uint64_t at = 2; promised < 128 * step; ++at)
    must(model->apply({{batch_at(at, {told.message("room", "alice", "x")})}}));
  promising.join();
  CHECK(promised == 128 * step);
  model->release(promised);
}

TEST_CASE("a lane runs its jobs in order, and all of them before it ends") {
  std::vector<int> ran;
  {
    thread_lane lane{"test"};
    for (int i = 0; i < 100; ++i)
      lane.run([&ran, i] { ran.push_back(i); });
    lane.run([&] { lane.run([&] { ran.push_back(100); }); });
  }
  REQUIRE(ran.size() == 101);
  for (int i = 0; i <= 100; ++i)
    CHECK(ran[static_cast<std::size_t>(i)] == i);
}

} // namespace persistence_threads_test
