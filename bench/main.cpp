// parley_load: asks a Parley server one question, or the standard set, and prints Markdown tables
// or JSON.
#include <algorithm>
#include <array>
#include <iostream>

#include "bench/failure.hpp"
#include "bench/interrupt.hpp"
#include "bench/json_lines.hpp"
#include "bench/machine.hpp"
#include "bench/peer_server.hpp"
#include "bench/process.hpp"
#include "bench/questions/questions.hpp"
#include "bench/waiting.hpp"

namespace parley::bench {
namespace {

struct Question {
  std::string_view name;
  std::string_view title;
  std::vector<Answer> (*ask)(const Options& options); // its rows
  bool once = false; // whatever --runs says: it takes long, or leaves something behind
};

/// A question whose answer is one row.
template <Answer (*ask)(const Options& options)>
std::vector<Answer> one_row(const Options& options) {
  return {ask(options)};
}

constexpr std::array<Question, 19> questions = {{
    {"disk", "disk: one durable write to it", one_row<ask_disk>},
    {"log", "log: bare LMDB commits the records of messages", ask_log},
    {"fanout", "fanout: one sender, one conversation of N connections", one_row<ask_fanout>},
    {"sends", "sends: S connections over C conversations", one_row<ask_sends>},
    {"idle", "idle: K silent connections", one_row<ask_idle>},
    {"presence", "presence: K users, each watched by W sessions, come, change and go",
     one_row<ask_presence>},
    {"connect", "connect: a user who is in M conversations", ask_connect},
    {"reads", "reads: members of a conversation of N say that they have read", ask_reads},
    {"many", "many: C conversations on disk, U of them in use", ask_many},
    {"mixed", "mixed: many small conversations, chosen by a Zipf distribution", ask_mixed},
    {"beside", "beside: quiet conversations beside a hot one", ask_beside},
    {"storm", "storm: K users connect at once", ask_storm},
    {"list", "list: the list of a user in M conversations", one_row<ask_list>},
    {"fill", "fill: a store of M messages, through the protocol", one_row<ask_fill>, true},
    {"growth", "growth: the same operations as the store and the conversations grow", ask_growth,
     true},
    {"history", "history: pages of fifty in a store of M messages", ask_history, true},
    {"search", "search: two words among M messages", ask_search, true},
    {"compact", "compact: a store of M messages is rewritten while it is written to",
     one_row<ask_compact>, true},
    {"start", "start: ready, and checked, with M messages", one_row<ask_start>, true},
}};

constexpr std::array<std::string_view, 3> standard_set = {"fanout", "sends", "idle"};

const Question& find_question(std::string_view name) {
  return *std::find_if(questions.begin(), questions.end(),
                       [name](const Question& question) { return question.name == name; });
}

/// Row by row, the median of all runs.
std::vector<Answer> ask_repeatedly(const Question& question, const Options& options) {
  std::vector<std::vector<Answer>> runs_of_row;
  const int repetitions = question.once ? 1 : options.runs_or_default();
  for (int run = 1; run <= repetitions; ++run) {
    std::cerr << question.name << ": run " << run << " of " << repetitions << '\n';
    const auto rows = question.ask(options);
    runs_of_row.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      runs_of_row[i].push_back(rows[i]);
  }
  std::vector<Answer> medians;
  for (const auto& runs : runs_of_row)
    medians.push_back(median_of(runs));
  return medians;
}

void print_answers(std::string_view name, const std::vector<Options>& settings) {
  const Question& question = find_question(name);
  std::vector<Answer> rows;
  for (const auto& options : settings)
    for (auto& row : ask_repeatedly(question, options))
      rows.push_back(std::move(row));
  if (settings.front().json)
    print_json(std::cout, name, rows);
  else
    print_table(std::cout, std::string(question.title), rows);
}

/// The fan-outs of the standard set: two sizes, each with one and with 32 sends in flight.
std::vector<Options> standard_fanouts(const Options& options) {
  std::vector<Options> settings;
  for (const std::size_t members : {100, 1000})
    for (const std::size_t window : {1, 32}) {
      settings.push_back(options);
      settings.back().members = members;
      settings.back().window = window;
    }
  return settings;
}

/// What was measured, and where; tables also go with the disk's facts.
void introduce(const Options& options) {
  const auto machine = facts_of_machine(options.directory);
  if (options.json)
    return print_json(std::cout, machine);
  const auto medians = options.runs_or_default();
  print_machine(std::cout, machine);
  if (!options.peer.empty())
    std::cout << "- peer: " << describe_peer(options) << '\n';
  std::cout << "- " << (medians == 1 ? "one run" : "median of " + std::to_string(medians) + " runs")
            << (options.quick ? ", short windows" : "") << '\n';
  if (options.question != "disk")
    print_answers("disk", {options});
}

void run(const Options& options) {
  introduce(options);
  if (options.all || options.question == "fanout")
    print_answers("fanout", options.all ? standard_fanouts(options) : std::vector{options});
  if (options.all || options.question == "sends")
    print_answers("sends", {options});
  if (options.all || options.question == "idle")
    print_answers("idle", {options});
  const bool standard = std::count(standard_set.begin(), standard_set.end(), options.question) > 0;
  if (!options.all && !standard)
    print_answers(options.question, {options});
}

} // namespace
} // namespace parley::bench

int main(int argc, char** argv) {
  using namespace parley::bench;
  std::vector<std::string> names;
  names.reserve(questions.size());
  for (const auto& question : questions)
    names.emplace_back(question.name);
  const Options options = read_options(argc, argv, names);
  catch_interrupts();
  try {
    // What a server would do is measured where the server would run.
    pin_this_process(options.needs_server() ? options.client_core : options.server_core);
    set_polling(options.poll);
    run(options);
  } catch (const std::exception& error) {
    std::cerr << "parley_load: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
