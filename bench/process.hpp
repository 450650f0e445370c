// Child processes, and what the kernel says about a process: CPU time and resident memory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "bench/clock.hpp"

namespace parley::bench {

/// Starts a program with its output in files; it dies with us. `core` pins it, if not negative.
pid_t start_process(const std::vector<std::string>& command, const std::string& output_file,
                    const std::string& error_file, int core);

/// The wait status if the process has ended.
std::optional<int> ended(pid_t pid);
/// Waits for the end; empty when the deadline passes first.
std::optional<int> wait_for_end(pid_t pid, Deadline deadline);
/// "exit status 3" or "signal 9".
std::string describe_end(int wait_status);

/// Binds this process to one core, if `core` is not negative; fails when it may not run there.
void pin_this_process(int core);
/// Raises the soft limit of open files to the hard one, and that to `files` where we may; children
/// inherit both. Fails when they are not enough.
void allow_open_files(std::size_t files);

/// User and system time of all threads so far, to the kernel's precision.
double cpu_seconds_of(pid_t pid);
/// Resident memory in KiB, from /proc/PID/smaps_rollup, else VmRSS of /proc/PID/status.
double resident_kib_of(pid_t pid);

/// What of it is a process's own, and what are pages of files, which the kernel takes back when
/// others need the room. From /proc/PID/smaps_rollup.
struct Memory {
  double anonymous_kib;
  double mapped_kib;
};
Memory memory_of(pid_t pid);

/// Has the kernel forget what it has cached of a file that is on disk and not in use.
void forget_cached(const std::string& path);

/// Seconds this process was ready to run but its core did something else, from
/// /proc/self/schedstat.
double own_waiting_seconds();

/// A whole file as text; empty when it cannot be read.
std::string read_file(const std::string& path);

} // namespace parley::bench
