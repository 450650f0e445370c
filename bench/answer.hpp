// What a question answers: named figures, their median over runs, and a Markdown table of them.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace parley::bench {

struct Figure {
  std::string name; // with its unit; the column's heading
  double value;     // NaN: not known
  int decimals;
};

struct Answer {
  std::vector<Figure> figures;
  std::string remark; // empty when there is nothing to be careful about
};

/// Figure by figure; with the remarks of all runs.
Answer median_of(const std::vector<Answer>& runs);

/// One row per answer; all must have the same figures.
void print_table(std::ostream& out, const std::string& title, const std::vector<Answer>& rows);

/// "12,345.6"; an en dash for NaN.
std::string format_number(double value, int decimals);

} // namespace parley::bench
