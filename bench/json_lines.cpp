// Answers as JSON, their figures in the order of the table's columns.
#include "bench/json_lines.hpp"

#include <nlohmann/json.hpp>

namespace parley::bench {

using nlohmann::ordered_json;

void print_json(std::ostream& out, const MachineFacts& facts) {
  const ordered_json machine = {{"cores", facts.cores},
                                {"processor", facts.processor},
                                {"kernel", facts.kernel},
                                {"file_system", facts.file_system},
                                {"commit", facts.commit}};
  out << ordered_json{{"machine", machine}} << '\n';
}

void print_json(std::ostream& out, std::string_view question, const std::vector<Answer>& rows) {
  for (const auto& row : rows) {
    ordered_json figures = ordered_json::object();
    for (const auto& figure : row.figures)
      figures[figure.name] = figure.value;
    out << ordered_json{{"question", question}, {"figures", figures}, {"remark", row.remark}}
        << '\n';
  }
  out.flush();
}

} // namespace parley::bench
