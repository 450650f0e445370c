// The facts about the machine without which a figure means nothing.
#pragma once

#include <ostream>
#include <string>

namespace parley::bench {

/// Prints cores, processor, kernel, file system of `directory`, and the commit of the working
/// directory if git knows one, as a Markdown list.
void print_machine(std::ostream& out, const std::string& directory);

} // namespace parley::bench
