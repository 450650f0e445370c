// Gives a process another clock: the wall clock jumps by what a file says, and time itself may pass faster.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t* shift_seconds; /* PROOF_CLOCK names a file of eight bytes: seconds that the wall clock is off */
static int64_t speed = 1;                     /* PROOF_SPEED: how many times as fast everything goes */
static int64_t began[2];                      /* of both clocks, in nanoseconds */

static int64_t real(clockid_t which) {
  struct timespec at;
  syscall(SYS_clock_gettime, which, &at);
  return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("PROOF_CLOCK");
  const char* times = getenv("PROOF_SPEED");
  if (path != NULL) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    void* at = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *shift_seconds, PROT_READ, MAP_SHARED, file, 0);
    if (at != MAP_FAILED)
      shift_seconds = at;
    if (file >= 0)
      close(file);
  }
  began[0] = real(CLOCK_REALTIME);
  began[1] = real(CLOCK_MONOTONIC);
  if (times != NULL)
    speed = atoll(times);
}

static int64_t now(clockid_t which) {
  const int is_wall = which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE;
  int64_t at = real(is_wall ? CLOCK_REALTIME : which);
  if (speed != 1)
    at = began[is_wall ? 0 : 1] + (at - began[is_wall ? 0 : 1]) * speed;
  if (is_wall && shift_seconds != NULL)
    at += *shift_seconds * 1000000000;
  return at;
}

int clock_gettime(clockid_t which, struct timespec* into) {
  if (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE && which != CLOCK_MONOTONIC &&
      which != CLOCK_MONOTONIC_COARSE && which != CLOCK_MONOTONIC_RAW && which != CLOCK_BOOTTIME)
    return (int)syscall(SYS_clock_gettime, which, into);
  const int64_t at = now(which);
  into->tv_sec = at / 1000000000 - (at % 1000000000 < 0);
  into->tv_nsec = at % 1000000000 + (at % 1000000000 < 0 ? 1000000000 : 0);
  return 0;
}

int gettimeofday(struct timeval* into, void* zone) {
  (void)zone;
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  into->tv_sec = at.tv_sec;
  into->tv_usec = at.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* into) {
  struct timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  if (into != NULL)
    *into = at.tv_sec;
  return at.tv_sec;
}
