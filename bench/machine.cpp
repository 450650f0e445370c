// Facts from /proc, uname and git.
#include "bench/machine.hpp"

#include <cstdio>
#include <filesystem>
#include <sstream>

#include <sys/utsname.h>
#include <unistd.h>

#include "bench/process.hpp"

namespace parley::bench {
namespace {

std::string processor_model() {
  std::istringstream lines(read_file("/proc/cpuinfo"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("model name"))
      return line.substr(line.find(": ") + 2);
  return "unknown processor";
}

bool is_inside(const std::string& path, const std::string& mount) {
  return mount == "/" || path == mount || path.starts_with(mount + "/");
}

/// The type of the innermost mount that holds the path; see proc(5), mountinfo.
std::string file_system_of(const std::string& directory) {
  const std::string path = std::filesystem::canonical(directory);
  std::istringstream lines(read_file("/proc/self/mountinfo"));
  std::string innermost;
  std::string type = "unknown";
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string skipped;
    std::string mount;
    fields >> skipped >> skipped >> skipped >> skipped >> mount;
    const auto separator = line.find(" - ");
    if (separator == std::string::npos || !is_inside(path, mount) ||
        mount.size() < innermost.size())
      continue;
    innermost = mount;
    type = line.substr(separator + 3, line.find(' ', separator + 3) - separator - 3);
  }
  return type;
}

std::string commit() {
  FILE* git = popen("git rev-parse --short HEAD 2>/dev/null", "r");
  char line[64] = {};
  if (git != nullptr) {
    if (std::fgets(line, sizeof line, git) == nullptr)
      line[0] = '\0';
    pclose(git);
  }
  const std::string text(line);
  return text.empty() ? "unknown" : text.substr(0, text.find('\n'));
}

} // namespace

MachineFacts facts_of_machine(const std::string& directory) {
  utsname kernel{};
  uname(&kernel);
  return {sysconf(_SC_NPROCESSORS_ONLN), processor_model(),
          std::string(kernel.sysname) + ' ' + kernel.release, file_system_of(directory), commit()};
}

void print_machine(std::ostream& out, const MachineFacts& facts) {
  out << "- " << facts.cores << " cores, " << facts.processor << "\n- " << facts.kernel
      << "\n- file system " << facts.file_system << "\n- commit " << facts.commit << '\n';
}

} // namespace parley::bench
