// fork, exec, wait and /proc.
#include "bench/process.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/failure.hpp"

namespace parley::bench {
namespace {

/// The cores this process was given at first; children that are not pinned may use them all.
const cpu_set_t cores_at_start = [] {
  cpu_set_t cores;
  sched_getaffinity(0, sizeof cores, &cores);
  return cores;
}();

/// Binds the caller to one core; a negative one stands for all it had at first.
bool pin(int core) {
  if (core < 0)
    return sched_setaffinity(0, sizeof cores_at_start, &cores_at_start) == 0;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(core), &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

/// What the child does between fork and exec; only exits if that fails.
[[noreturn]] void become(char* const* arguments, int output, int error, int core) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0); // Ctrl-C is for us; we then stop the child in order
  if (!pin(core))
    _exit(126);
  dup2(output, STDOUT_FILENO);
  dup2(error, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

int open_for_output(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    fail_errno("cannot write ", path);
  return file;
}

/// The number after `label` in a /proc file of `label: number kB` lines; -1 when it is not there.
double labelled_kib(const std::string& text, std::string_view label) {
  const auto at = text.find(label);
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + label.size(), nullptr);
}

} // namespace

pid_t start_process(const std::vector<std::string>& command, const std::string& output_file,
                    const std::string& error_file, int core) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& word : command)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int output = open_for_output(output_file);
  const int error = open_for_output(error_file);
  const pid_t pid = fork();
  if (pid == 0)
    become(arguments.data(), output, error, core);
  close(output);
  close(error);
  if (pid < 0)
    fail_errno("cannot start ", command[0]);
  return pid;
}

std::optional<int> ended(pid_t pid) {
  int status = 0;
  return waitpid(pid, &status, WNOHANG) == pid ? std::optional(status) : std::nullopt;
}

std::optional<int> wait_for_end(pid_t pid, Deadline deadline) {
  while (!deadline.passed()) {
    if (const auto status = ended(pid))
      return status;
    usleep(2'000);
  }
  return std::nullopt;
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status))
    return "signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

void pin_this_process(int core) {
  if (core >= 0 && !pin(core))
    fail_errno("cannot run on core ", core, " (--client-core -1 leaves it to the kernel)");
}

void allow_open_files(std::size_t files) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto hard_limit = limit.rlim_max;
  limit.rlim_cur = limit.rlim_max = std::max<rlim_t>(hard_limit, files);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    fail("this needs ", files, " open files, the hard limit (ulimit -Hn) is ", hard_limit);
}

double cpu_seconds_of(pid_t pid) {
  clockid_t clock{};
  if (clock_getcpuclockid(pid, &clock) != 0)
    fail("cannot read the CPU time of process ", pid);
  return static_cast<double>(read_clock_ns(clock)) / 1e9;
}

double resident_kib_of(pid_t pid) {
  const std::string directory = "/proc/" + std::to_string(pid);
  if (const double kib = labelled_kib(read_file(directory + "/smaps_rollup"), "\nRss:"); kib >= 0)
    return kib;
  const double kib = labelled_kib(read_file(directory + "/status"), "\nVmRSS:");
  if (kib < 0)
    fail("cannot read the resident memory of process ", pid);
  return kib;
}

Memory memory_of(pid_t pid) {
  const std::string facts = read_file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  const double resident = labelled_kib(facts, "\nRss:");
  const double anonymous = labelled_kib(facts, "\nAnonymous:");
  if (resident < 0 || anonymous < 0)
    fail("cannot read the memory of process ", pid);
  return {anonymous, resident - anonymous};
}

void forget_cached(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    fail_errno("cannot read ", path);
  if (fdatasync(file) != 0 || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) != 0)
    fail("cannot have ", path, " forgotten");
  close(file);
}

double own_waiting_seconds() {
  std::istringstream fields(read_file("/proc/self/schedstat"));
  double running_ns = 0;
  double waiting_ns = 0;
  fields >> running_ns >> waiting_ns;
  return waiting_ns / 1e9;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace parley::bench
