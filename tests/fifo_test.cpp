// A queue that behaves like a deque and keeps nothing when it is empty.
#include "actors/fifo.hpp"

#include <deque>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "tests/support/catch.hpp"

using namespace parley;

namespace fifo_test {

TEST_CASE("a fifo holds what a deque would, whatever is done to both") {
  std::mt19937 random{7};
  fifo<std::string> queue;
  std::deque<std::string> model;
  for (int i = 0; i < 20'000; ++i) {
    const auto what = random() % 16;
    const std::string text = std::to_string(i) + " with a tail that no small string holds";
    if (what < 8) {
      queue.push_back(text);
      model.push_back(text);
    } else if (what < 9) {
      queue.push_front(text);
      model.push_front(text);
    } else if (what < 10 && i % 5 == 0) {
      const auto odd = [](const std::string& each) { return (each[0] - '0') % 2 == 1; };
      queue.erase_if(odd);
      std::erase_if(model, odd);
    } else if (!model.empty()) {
      REQUIRE(queue.front() == model.front());
      queue.pop_front();
      model.pop_front();
    }
    REQUIRE(queue.size() == model.size());
    REQUIRE(queue.empty() == model.empty());
    if (!model.empty()) {
      const std::size_t index = random() % model.size();
      REQUIRE(queue[index] == model[index]);
      REQUIRE(queue.back() == model.back());
    }
    if (i % 100 == 0)
      REQUIRE(std::equal(queue.begin(), queue.end(), model.begin(), model.end()));
  }
}

TEST_CASE("what is taken out of a fifo is gone at once") {
  fifo<std::shared_ptr<int>> queue;
  const auto one = std::make_shared<int>(1);
  queue.push_back(one);
  queue.push_back(std::make_shared<int>(2));
  queue.pop_front();
  CHECK(one.use_count() == 1);
  CHECK(*queue.front() == 2);
}

TEST_CASE("a fifo that was copied or moved is the same, and one moved from is empty") {
  fifo<std::string> queue;
  for (int i = 0; i < 20; ++i)
    queue.push_back(std::to_string(i));
  for (int i = 0; i < 5; ++i)
    queue.pop_front();
  const fifo<std::string> copy{queue};
  fifo<std::string> moved{std::move(queue)};
  CHECK(queue.empty()); // NOLINT(bugprone-use-after-move): that is what is promised
  CHECK(queue.size() == 0);
  CHECK(moved.front() == "5");
  CHECK(std::equal(copy.begin(), copy.end(), moved.begin(), moved.end()));
  moved.erase(moved.begin() + 1);
  CHECK(moved[1] == "7");
  queue = std::move(moved);
  CHECK(queue.size() == 14);
}

TEST_CASE("after a backlog a fifo gives its memory back though it never runs empty") {
  fifo<std::size_t> queue;
  for (std::size_t i = 0; i < 100'000; ++i)
    queue.push_back(i);
  while (queue.size() > 3)
    queue.pop_front();
  for (std::size_t i = 0; i < 100; ++i) {
    queue.push_back(i);
    queue.pop_front();
  }
  CHECK(queue.capacity() < 200);
  CHECK(queue[2] == 99);
}

TEST_CASE("a fifo that is always in use does not grow") {
  fifo<std::size_t> queue;
  std::set<const std::size_t*> places;
  for (std::size_t i = 0; i < 10'000; ++i) {
    queue.push_back(i);
    places.insert(&queue.back());
    if (queue.size() > 10)
      queue.pop_front();
  }
  CHECK(places.size() < 200);
  CHECK(queue.size() == 10);
  CHECK(queue.front() == 9'990);
}

} // namespace fifo_test
