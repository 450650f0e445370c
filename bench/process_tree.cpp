// Reads /proc/PID/task/TID/children, and walks directories.
#include "bench/process_tree.hpp"

#include <filesystem>
#include <sstream>

#include "bench/process.hpp"

namespace parley::bench {
namespace {

void append_children(pid_t parent, std::vector<pid_t>& out) {
  std::error_code gone; // a thread or a process may end meanwhile
  const auto tasks = "/proc/" + std::to_string(parent) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
    std::istringstream children(read_file(task.path().string() + "/children"));
    for (pid_t child = 0; children >> child;)
      out.push_back(child);
  }
}

} // namespace

std::vector<pid_t> processes_under(pid_t root) {
  std::vector<pid_t> processes = {root};
  for (std::size_t i = 0; i < processes.size(); ++i)
    append_children(processes[i], processes);
  return processes;
}

double bytes_under(const std::string& directory) {
  double bytes = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator(directory))
    if (each.is_regular_file())
      bytes += static_cast<double>(each.file_size());
  return bytes;
}

} // namespace parley::bench
