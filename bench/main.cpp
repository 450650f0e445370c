// parley_load: asks a Parley server one question, or the standard set, and prints Markdown tables.
#include <algorithm>
#include <array>
#include <iostream>

#include "bench/failure.hpp"
#include "bench/interrupt.hpp"
#include "bench/machine.hpp"
#include "bench/process.hpp"
#include "bench/questions.hpp"

namespace parley::bench {
namespace {

struct Question {
  std::string_view name;
  std::string_view title;
  Answer (*ask)(const Options& options);
};

constexpr std::array<Question, 5> questions = {{
    {"floor", "floor: one durable write to the disk", ask_floor},
    {"fanout", "fanout: one sender, one conversation of N connections", ask_fanout},
    {"sends", "sends: S connections over C conversations", ask_sends},
    {"idle", "idle: K silent connections", ask_idle},
    {"presence", "presence: K users, each watched by W sessions, come, change and go",
     ask_presence},
}};

const Question& find_question(std::string_view name) {
  return *std::find_if(questions.begin(), questions.end(),
                       [name](const Question& question) { return question.name == name; });
}

Answer ask_repeatedly(const Question& question, const Options& options) {
  std::vector<Answer> runs;
  for (int run = 1; run <= options.runs_or_default(); ++run) {
    std::cerr << question.name << ": run " << run << " of " << options.runs_or_default() << '\n';
    runs.push_back(question.ask(options));
  }
  return median_of(runs);
}

void print_answers(std::string_view name, const std::vector<Options>& settings) {
  const Question& question = find_question(name);
  std::vector<Answer> rows;
  rows.reserve(settings.size());
  for (const auto& options : settings)
    rows.push_back(ask_repeatedly(question, options));
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

void run(const Options& options) {
  const auto medians = options.runs_or_default();
  print_machine(std::cout, options.directory);
  std::cout << "- " << (medians == 1 ? "one run" : "median of " + std::to_string(medians) + " runs")
            << (options.quick ? ", short windows" : "") << '\n';
  print_answers("floor", {options}); // every table goes with the disk's facts
  if (options.all || options.question == "fanout")
    print_answers("fanout", options.all ? standard_fanouts(options) : std::vector{options});
  if (options.all || options.question == "sends")
    print_answers("sends", {options});
  if (options.all || options.question == "idle")
    print_answers("idle", {options});
  if (options.question == "presence")
    print_answers("presence", {options});
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
    pin_this_process(options.client_core);
    run(options);
  } catch (const std::exception& error) {
    std::cerr << "parley_load: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
