// How far a long command is: rates, what is left, and who is told of it.
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "persistence/check.hpp"
#include "persistence/search/reindex.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_of_test.hpp"
#include "tests/support/story.hpp"
#include "transport/cli_progress.hpp"

namespace parley::test {

namespace progress_test {

using namespace std::chrono_literals;
using nlohmann::json;

const instant begin{1h};

TEST_CASE("the rate is that of the last seconds, and says how much time is left") {
  progress_meter meter;
  CHECK_FALSE(meter.see({"events", 0, 1000}, begin).left.has_value());
  auto told = meter.see({"events", 100, 1000}, begin + 1s);
  CHECK(told.per_second == 100);
  CHECK(told.left == 9s);
  CHECK(told.elapsed == 1s);
  for (int second = 2; second <= 20; ++second) // ten a second from now on
    told = meter.see({"events", 100 + static_cast<std::uint64_t>(second - 1) * 10, 1000},
                     begin + std::chrono::seconds{second});
  CHECK(told.per_second == 10);
  CHECK(told.left == 71s);
  CHECK(in_words(told) == "events: 290 of 1000 rows (29 %), 10 a second, 71 s left");
}

TEST_CASE("nobody can tell what is left of what is not known, or does not go on") {
  progress_meter meter;
  meter.see({"finding", 0, 0, "messages"}, begin);
  const auto told = meter.see({"finding", 50, 0, "messages"}, begin + 2s);
  CHECK(told.per_second == 25);
  CHECK_FALSE(told.left.has_value());
  CHECK(in_words(told) == "finding: 50 messages, 25 a second");
  CHECK_FALSE(meter.see({"waiting", 60, 100, "rows"}, begin + 3s).left.has_value()); // begins anew
  CHECK(in_words(meter.see({"merging"}, begin + 4s)) == "merging");
  CHECK(meter.see({"done", 5, 5}, begin + 5s).left == 0ms);
}

/// The lines that a command printed as JSON.
std::vector<json> lines_of(const std::ostringstream& out) {
  std::istringstream in{out.str()};
  std::vector<json> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(json::parse(line));
  return lines;
}

TEST_CASE("programs are told one object a line, the first and the last progress and the outcome") {
  std::ostringstream out;
  command_report told{"reindex", true, out};
  const auto listener = told.listener();
  for (std::uint64_t i = 0; i <= 1000; ++i)
    listener({"indexing", i, 1000, "messages"});
  told.problem("with \"quotes\"\nand lines");
  CHECK(told.succeed("not for them", {{"position", 7}}) == 0);
  const auto lines = lines_of(out);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0]["type"] == "progress");
  CHECK(lines[0]["done"] == 0);
  CHECK(lines[0]["total"] == 1000);
  CHECK(lines[0]["eta_ms"].is_null());
  CHECK(lines[1]["message"] == "with \"quotes\"\nand lines");
  CHECK(lines[2]["done"] == 1000);
  CHECK(lines[2]["eta_ms"] == 0);
  CHECK(lines[3] ==
        json{{"type", "result"}, {"command", "reindex"}, {"ok", true}, {"position", 7}});
}

TEST_CASE("a failure is an outcome, too") {
  std::ostringstream out;
  CHECK(command_report{"compact", true, out}.fail("no room") == 1);
  const auto lines = lines_of(out);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["ok"] == false);
  CHECK(lines[0]["message"] == "no room");
}

/// Whether no step goes back, all reach the end, and the last is the whole.
void check_order(const std::vector<work_progress>& told) {
  REQUIRE(told.size() > 1);
  for (std::size_t i = 1; i < told.size(); ++i) {
    CHECK(told[i].done >= told[i - 1].done);
    CHECK(told[i].done <= told[i].total);
  }
  CHECK(told.back().done == told.back().total);
}

TEST_CASE("a check and the making of an index say how far they are") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"alice", "bob"})});
  for (int i = 0; i < 300; ++i)
    data.write_each({told.message("room", "alice", "message " + std::to_string(i))});
  data.close();
  std::vector<work_progress> seen;
  const auto listen = [&seen](const work_progress& what) { seen.push_back(what); };
  const auto figures = check(data.path(), check_listener{{}, listen});
  CHECK(figures.problems == 0);
  CHECK(figures.events == 301);
  check_order(seen);
  CHECK(seen.back().total > 600);
  seen.clear();
  REQUIRE(reindex(data.path(), listen));
  check_order({seen.end() - 2, seen.end()});
  CHECK(seen.back().total == 300);
}

} // namespace progress_test

} // namespace parley::test
