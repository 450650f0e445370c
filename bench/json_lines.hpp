// The same answers for programs: one JSON object a line.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "bench/answer.hpp"
#include "bench/machine.hpp"

namespace parley::bench {

/// {"machine": {"cores", "processor", "kernel", "file_system", "commit"}}
void print_json(std::ostream& out, const MachineFacts& facts);

/// {"question", "figures": {name: value, …}, "remark"} for each row; null where a figure is not
/// known.
void print_json(std::ostream& out, std::string_view question, const std::vector<Answer>& rows);

} // namespace parley::bench
