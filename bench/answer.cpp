// Medians and Markdown.
#include "bench/answer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace parley::bench {
namespace {

/// The middle value, or the mean of the two in the middle; NaN when any is.
double median(std::vector<double> values) {
  if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); }))
    return std::nan("");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

} // namespace

Answer median_of(const std::vector<Answer>& runs) {
  Answer middle = runs.front();
  for (std::size_t i = 0; i < middle.figures.size(); ++i) {
    std::vector<double> values;
    values.reserve(runs.size());
    for (const auto& run : runs)
      values.push_back(run.figures[i].value);
    middle.figures[i].value = median(std::move(values));
  }
  for (const auto& run : runs)
    if (middle.remark.find(run.remark) == std::string::npos)
      middle.remark += (middle.remark.empty() ? "" : ", ") + run.remark;
  return middle;
}

void print_table(std::ostream& out, const std::string& title, const std::vector<Answer>& rows) {
  out << "\n### " << title << "\n\n|";
  for (const auto& figure : rows.front().figures)
    out << ' ' << figure.name << " |";
  out << " remark |\n|";
  for (std::size_t i = 0; i < rows.front().figures.size(); ++i)
    out << "---:|";
  out << "---|\n";
  for (const auto& row : rows) {
    out << '|';
    for (const auto& figure : row.figures)
      out << ' ' << format_number(figure.value, figure.decimals) << " |";
    out << ' ' << row.remark << " |\n";
  }
  out.flush();
}

std::string format_number(double value, int decimals) {
  if (std::isnan(value))
    return "–";
  char digits[64];
  const int size = std::snprintf(digits, sizeof digits, "%.*f", decimals, value);
  std::string text(digits, static_cast<std::size_t>(size));
  const auto point = std::min(text.find('.'), text.size());
  const std::size_t first = text[0] == '-' ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(point) - 3; at > static_cast<std::ptrdiff_t>(first);
       at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

} // namespace parley::bench
