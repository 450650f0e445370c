// What the calls of journal.c have in common: which of them is to fail, how records are put, which names are below the root.
#pragma once

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { most_pieces = 1024, most_names = 8192 };

static char root[PATH_MAX];
static size_t root_length;
static dev_t root_device;
static int journal = -1;
static long sync_nanoseconds;
static struct shared* all;
static bool ready;

// Which inodes this process has named in the journal already.
static ino_t named[most_names];

// --- What is to fail --------------------------------------------------------------------------------

static struct {
  char kind[8];
  long first;
  long every;
  long calls;
} fault;

static void read_fault(const char* text) {
  if (text == NULL || sscanf(text, "%7[a-z]:%ld:%ld", fault.kind, &fault.first, &fault.every) < 2)
    fault.kind[0] = 0;
}

static bool fails(const char* kind) {
  if (strcmp(kind, fault.kind) != 0)
    return false;
  const long behind = ++fault.calls - fault.first;
  return behind == 0 || (behind > 0 && fault.every > 0 && behind % fault.every == 0);
}

// --- Records ----------------------------------------------------------------------------------------

static void take(void) {
  int none = 0;
  while (!atomic_compare_exchange_weak(&all->taken, &none, 1)) {
    none = 0;
    sched_yield();
  }
}

static void leave(void) { atomic_store(&all->taken, 0); }

// With the lock held; `pieces` are cut off behind `bytes`. Returns the record's number.
static uint64_t put(enum kind kind, int flags, ino_t file, uint64_t offset, uint64_t length,
                    const struct iovec* pieces, size_t bytes) {
  const int before = errno;
  struct record head = {.kind = (uint8_t)kind,
                        .flags = (uint8_t)flags,
                        .process = (uint32_t)getpid(),
                        .file = file,
                        .offset = offset,
                        .length = length,
                        .bytes = bytes};
  struct iovec whole[most_pieces] = {{&head, sizeof head}};
  int count = 1;
  for (size_t left = bytes; left > 0; ++pieces, ++count) {
    if (count == most_pieces)
      abort();
    whole[count] = *pieces;
    if (whole[count].iov_len > left)
      whole[count].iov_len = left;
    left -= whole[count].iov_len;
  }
  if (syscall(SYS_writev, journal, whole, count) != (long)(sizeof head + bytes))
    abort();
  errno = before;
  return all->records++;
}

static uint64_t put_text(enum kind kind, int flags, ino_t file, const char* text, size_t length) {
  const struct iovec piece = {(void*)text, length};
  return put(kind, flags, file, 0, 0, &piece, length);
}

// --- Names ------------------------------------------------------------------------------------------

// The path below the root, "" for the root itself, NULL for what is elsewhere.
static const char* below(const char* path) {
  if (strncmp(path, root, root_length) != 0)
    return NULL;
  if (path[root_length] == 0)
    return path + root_length;
  return path[root_length] == '/' ? path + root_length + 1 : NULL;
}

static bool path_of_descriptor(int descriptor, char* into, size_t room) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, into, room - 1);
  if (length < 0)
    return false;
  into[length] = 0;
  return true;
}

// `into` gets the whole path; the result is the part of it below the root, or NULL.
static const char* inside(int directory, const char* path, char into[PATH_MAX]) {
  if (!ready || path == NULL)
    return NULL;
  if (path[0] == '/') {
    if (snprintf(into, PATH_MAX, "%s", path) >= PATH_MAX)
      return NULL;
    return below(into);
  }
  char before[PATH_MAX];
  if (directory == AT_FDCWD ? getcwd(before, sizeof before) == NULL
                            : !path_of_descriptor(directory, before, sizeof before))
    return NULL;
  if (snprintf(into, PATH_MAX, "%s/%s", before, path) >= PATH_MAX)
    return NULL;
  return below(into);
}

// Whether the inode is named by now; remembers it. With the lock held.
static bool is_known(ino_t file) {
  size_t at = file % most_names;
  for (int tries = 0; tries < most_names; ++tries, at = (at + 1) % most_names) {
    if (named[at] == file)
      return true;
    if (named[at] == 0) {
      named[at] = file;
      return false;
    }
  }
  abort();
}

// The inode of a file below the root, or 0; its name goes to the journal first. With the lock held.
static ino_t file_of(int descriptor, const struct stat* facts) {
  if (!S_ISREG(facts->st_mode) || facts->st_dev != root_device)
    return 0;
  char path[PATH_MAX];
  if (!path_of_descriptor(descriptor, path, sizeof path))
    return 0;
  const char* name = below(path);
  if (name == NULL)
    return 0;
  if (!is_known(facts->st_ino))
    put_text(kind_named, 0, facts->st_ino, name, strlen(name));
  return facts->st_ino;
}

static bool is_ours(int descriptor, struct stat* facts) {
  return ready && fstat(descriptor, facts) == 0 &&
         (S_ISSOCK(facts->st_mode) || facts->st_dev == root_device);
}

static void pass_time(int times) {
  if (sync_nanoseconds > 0)
    nanosleep(&(struct timespec){0, times * sync_nanoseconds}, NULL);
}

__attribute__((constructor)) static void begin(void) {
  const char* to = getenv("PROOF_JOURNAL");
  const char* below_what = getenv("PROOF_ROOT");
  if (to == NULL || below_what == NULL)
    return;
  root_length = (size_t)snprintf(root, sizeof root, "%s", below_what);
  struct stat facts;
  char parent[PATH_MAX];
  snprintf(parent, sizeof parent, "%s", root);
  if (stat(root, &facts) != 0) {
    *strrchr(parent, '/') = 0;
    if (stat(parent, &facts) != 0)
      return;
  }
  root_device = facts.st_dev;
  char beside[PATH_MAX];
  snprintf(beside, sizeof beside, "%s.shared", to);
  const int shared = (int)syscall(SYS_openat, AT_FDCWD, beside, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (shared < 0 || syscall(SYS_ftruncate, shared, 4096) != 0)
    abort();
  all = (struct shared*)syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
  syscall(SYS_close, shared);
  journal = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (journal < 0 || all == MAP_FAILED)
    abort();
  const char* slow = getenv("PROOF_SYNC_US");
  sync_nanoseconds = slow != NULL ? atol(slow) * 1000 : 0;
  read_fault(getenv("PROOF_FAULT"));
  ready = true;
}
