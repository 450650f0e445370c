// Makes whatever waits for the disk take as long as a file says: fsync, fdatasync, and writes that are synced by themselves.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile const int64_t* delay_us; /* PROOF_DELAY names a file of eight bytes: microseconds */

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("PROOF_DELAY");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* at = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *delay_us, PROT_READ, MAP_SHARED, file, 0);
  if (at != MAP_FAILED)
    delay_us = at;
  if (file >= 0)
    close(file);
}

static void wait_for_the_disk(void) {
  if (delay_us != NULL && *delay_us > 0)
    usleep((useconds_t)*delay_us);
}

static void wait_if_synced(int file) {
  const int flags = fcntl(file, F_GETFL);
  if (flags >= 0 && (flags & O_DSYNC) != 0)
    wait_for_the_disk();
}

int fsync(int file) {
  wait_for_the_disk();
  return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
  wait_for_the_disk();
  return (int)syscall(SYS_fdatasync, file);
}

ssize_t pwrite64(int file, const void* what, size_t size, off64_t at) {
  wait_if_synced(file);
  return (ssize_t)syscall(SYS_pwrite64, file, what, size, at);
}

ssize_t pwrite(int file, const void* what, size_t size, off_t at) { return pwrite64(file, what, size, at); }

ssize_t pwritev64(int file, const struct iovec* what, int count, off64_t at) {
  wait_if_synced(file);
  return (ssize_t)syscall(SYS_pwritev, file, what, (long)count, (long)at, (long)(at >> 32 >> 32));
}

ssize_t pwritev(int file, const struct iovec* what, int count, off_t at) { return pwritev64(file, what, count, at); }

ssize_t writev(int file, const struct iovec* what, int count) {
  wait_if_synced(file);
  return (ssize_t)syscall(SYS_writev, file, what, count);
}
