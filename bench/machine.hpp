// The facts about the machine without which a figure means nothing.
#pragma once

#include <ostream>
#include <string>

namespace parley::bench {

struct MachineFacts {
  long cores;
  std::string processor;
  std::string kernel;
  std::string file_system;
  std::string commit; // of the working directory, if git knows one
};

/// With the file system of `directory`.
MachineFacts facts_of_machine(const std::string& directory);

/// As a Markdown list.
void print_machine(std::ostream& out, const MachineFacts& facts);

} // namespace parley::bench
