// SQLite hands out FTS5's table of functions through a pointer that a statement fills in.
#include "persistence/search/score_function.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <sqlite3.h>

#include "actors/limits.hpp"

namespace parley {

namespace {

constexpr double saturation = 1.2; ///< BM25's k1 and b, as usual.
constexpr double by_length = 0.75;
constexpr double usual_words = 20; ///< Of a message; fixed, so that a score never changes.

/// As many as a query can have.
using weight_list = std::array<double, limits::search_terms>;

std::size_t read_weights(sqlite3_value* from, weight_list& into) {
  const auto bytes = static_cast<std::size_t>(sqlite3_value_bytes(from));
  const std::size_t count = std::min(bytes / sizeof(double), into.size());
  if (count > 0)
    std::memcpy(into.data(), sqlite3_value_blob(from), count * sizeof(double));
  return count;
}

int score_row(const Fts5ExtensionApi& api, Fts5Context* row, const weight_list& weights,
              std::size_t count, double& score) {
  std::array<int, limits::search_terms> times{};
  int places = 0;
  int words = 0;
  int code = api.xInstCount(row, &places);
  if (code == SQLITE_OK)
    code = api.xColumnSize(row, 0, &words);
  for (int i = 0; i < places && code == SQLITE_OK; ++i) {
    int phrase = 0;
    int column = 0;
    int at = 0;
    code = api.xInst(row, i, &phrase, &column, &at);
    if (static_cast<std::size_t>(phrase) < count)
      ++times[static_cast<std::size_t>(phrase)];
  }
  const double length = 1 - by_length + by_length * words / usual_words;
  for (std::size_t i = 0; i < count; ++i)
    score -= weights[i] * times[i] * (saturation + 1) / (times[i] + saturation * length);
  return code;
}

void score(const Fts5ExtensionApi* api, Fts5Context* row, sqlite3_context* answer, int arguments,
           sqlite3_value** given) {
  weight_list weights{};
  const std::size_t count = arguments == 1 ? read_weights(given[0], weights) : 0;
  double total = 0;
  const int code = score_row(*api, row, weights, count, total);
  if (code == SQLITE_OK)
    sqlite3_result_double(answer, total);
  else
    sqlite3_result_error_code(answer, code);
}

} // namespace

outcome add_score_function(const sqlite_connection& file) {
  fts5_api* api = nullptr;
  auto ask = file.prepare("SELECT fts5(?1)");
  if (!ask)
    return ask.error();
  auto asked = ask->bind_pointer(&api, "fts5_api_ptr").run();
  if (!asked)
    return asked;
  if (api == nullptr || api->xCreateFunction(api, "score", nullptr, score, nullptr) != SQLITE_OK)
    return failure{error_code::internal, "SQLite has no FTS5 to add to", {}};
  return success();
}

} // namespace parley
