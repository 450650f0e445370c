// Journals, in one order over all threads and processes, what is written below a directory and what is sent, and lets calls fail.
//
// PROOF_JOURNAL  the file that gets the records
// PROOF_ROOT     the directory, without links in its path, on a tmpfs
// PROOF_SYNC_US  microseconds that each sync takes at least; one of names twenty times as long, so that much happens meanwhile
// PROOF_FAULT    KIND:K or KIND:K:N: the K-th call fails, or from it on every N-th; KIND is `sync` (EIO), `short`
//                (half is written), `eintr` or `eagain` (a write is interrupted before it begins, or told to come again),
//                `nosync` or `nodsync` (a sync, or a write that is to be synced, says that it is done and is not)
//
// System calls are made directly: nothing here allocates, so it can be called from anywhere.
#define _GNU_SOURCE
#include "journal_core.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

// --- Writing ----------------------------------------------------------------------------------------

static size_t length_of(const struct iovec* pieces, int count) {
  size_t length = 0;
  for (int i = 0; i < count; ++i)
    length += pieces[i].iov_len;
  return length;
}

static ssize_t write_now(int descriptor, const struct iovec* pieces, int count, off_t at) {
  return at < 0 ? syscall(SYS_writev, descriptor, pieces, count)
                : syscall(SYS_pwritev, descriptor, pieces, count, at, 0);
}

static ssize_t write_half(int descriptor, const struct iovec* pieces, int count, off_t at) {
  struct iovec half[most_pieces];
  size_t left = (length_of(pieces, count) + 1) / 2;
  int used = 0;
  for (; left > 0 && used < count; ++used) {
    half[used] = pieces[used];
    if (half[used].iov_len > left)
      half[used].iov_len = left;
    left -= half[used].iov_len;
  }
  return write_now(descriptor, half, used, at);
}

// Where a write without a position goes.
static off_t position_of(int descriptor, int flags, const struct stat* facts) {
  return flags & O_APPEND ? facts->st_size : (off_t)syscall(SYS_lseek, descriptor, 0, SEEK_CUR);
}

static ssize_t write_to_file(int descriptor, const struct stat* facts, const struct iovec* pieces, int count, off_t at) {
  take();
  const ino_t file = file_of(descriptor, facts);
  if (file == 0) {
    leave();
    return write_now(descriptor, pieces, count, at);
  }
  const int refusal = fails("eintr") ? EINTR : fails("eagain") ? EAGAIN : 0;
  if (refusal != 0) {
    put_text(kind_fault, 0, file, fault.kind, strlen(fault.kind));
    leave();
    errno = refusal;
    return -1;
  }
  const int flags = fcntl(descriptor, F_GETFL);
  const bool is_short = fails("short");
  const off_t where = at >= 0 ? at : position_of(descriptor, flags, facts);
  const ssize_t done =
      is_short ? write_half(descriptor, pieces, count, at) : write_now(descriptor, pieces, count, at);
  if (is_short)
    put_text(kind_fault, 0, file, "short", 5);
  if (done <= 0) {
    leave();
    return done;
  }
  const uint64_t number = put(kind_write, 0, file, (uint64_t)where, (uint64_t)done, pieces, (size_t)done);
  const bool is_synced = (flags & O_DSYNC) != 0;
  if (is_synced && fails("sync")) {
    put_text(kind_fault, 0, file, "sync", 4);
    leave();
    errno = EIO;
    return -1;
  }
  const bool is_true = is_synced && !fails("nodsync");
  leave();
  if (is_true) {
    pass_time(1);
    take();
    put(kind_written, 0, file, number, 0, NULL, 0);
    leave();
  }
  return done;
}

static ssize_t told(int descriptor, const struct stat* facts, const struct msghdr* message, int flags) {
  take();
  const ssize_t done = syscall(SYS_sendmsg, descriptor, message, flags);
  if (done > 0)
    put(kind_told, 0, facts->st_ino, 0, (uint64_t)done, message->msg_iov, (size_t)done);
  leave();
  return done;
}

static ssize_t write_any(int descriptor, const struct iovec* pieces, int count, off_t at) {
  struct stat facts;
  if (!is_ours(descriptor, &facts))
    return write_now(descriptor, pieces, count, at);
  if (!S_ISSOCK(facts.st_mode))
    return write_to_file(descriptor, &facts, pieces, count, at);
  const struct msghdr message = {.msg_iov = (struct iovec*)pieces, .msg_iovlen = (size_t)count};
  return told(descriptor, &facts, &message, 0);
}

ssize_t write(int descriptor, const void* bytes, size_t length) {
  return write_any(descriptor, &(struct iovec){(void*)bytes, length}, 1, -1);
}
ssize_t writev(int descriptor, const struct iovec* pieces, int count) {
  return write_any(descriptor, pieces, count, -1);
}
ssize_t pwrite(int descriptor, const void* bytes, size_t length, off_t at) {
  return write_any(descriptor, &(struct iovec){(void*)bytes, length}, 1, at);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t length, off64_t at) {
  return write_any(descriptor, &(struct iovec){(void*)bytes, length}, 1, at);
}
ssize_t pwritev(int descriptor, const struct iovec* pieces, int count, off_t at) {
  return write_any(descriptor, pieces, count, at);
}
ssize_t pwritev64(int descriptor, const struct iovec* pieces, int count, off64_t at) {
  return write_any(descriptor, pieces, count, at);
}

ssize_t sendmsg(int descriptor, const struct msghdr* message, int flags) {
  struct stat facts;
  if (!is_ours(descriptor, &facts))
    return syscall(SYS_sendmsg, descriptor, message, flags);
  return told(descriptor, &facts, message, flags);
}
ssize_t send(int descriptor, const void* bytes, size_t length, int flags) {
  struct iovec piece = {(void*)bytes, length};
  return sendmsg(descriptor, &(struct msghdr){.msg_iov = &piece, .msg_iovlen = 1}, flags);
}

// --- Sizes ------------------------------------------------------------------------------------------

static void put_size(enum kind kind, int descriptor, off_t offset, off_t length) {
  struct stat facts;
  if (!is_ours(descriptor, &facts))
    return;
  take();
  const ino_t file = file_of(descriptor, &facts);
  if (file != 0)
    put(kind, 0, file, (uint64_t)offset, (uint64_t)length, NULL, 0);
  leave();
}

static void put_unknown(int descriptor, const char* what) {
  struct stat facts;
  if (!is_ours(descriptor, &facts))
    return;
  take();
  const ino_t file = file_of(descriptor, &facts);
  if (file != 0)
    put_text(kind_unknown, 0, file, what, strlen(what));
  leave();
}

int ftruncate(int descriptor, off_t length) {
  const int done = (int)syscall(SYS_ftruncate, descriptor, length);
  if (done == 0)
    put_size(kind_truncated, descriptor, 0, length);
  return done;
}
int ftruncate64(int descriptor, off64_t length) { return ftruncate(descriptor, length); }

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
  const int done = (int)syscall(SYS_fallocate, descriptor, mode, offset, length);
  if (done == 0 && mode == 0)
    put_size(kind_allocated, descriptor, offset, length);
  else if (done == 0)
    put_unknown(descriptor, "fallocate with a mode");
  return done;
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
  return fallocate(descriptor, mode, offset, length);
}
int posix_fallocate(int descriptor, off_t offset, off_t length) {
  const int before = errno;
  const int code = fallocate(descriptor, 0, offset, length) == 0 ? 0 : errno;
  errno = before;
  return code;
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t length) {
  return posix_fallocate(descriptor, offset, length);
}

// LMDB maps its table of readers for writing, which need not survive anything; SQLite its index of a journal.
static bool may_be_mapped(const char* path) {
  const char* name = strrchr(path, '/');
  return name != NULL && (strcmp(name, "/lock.mdb") == 0 || strstr(name, "-shm") != NULL);
}

void* mmap(void* place, size_t length, int protection, int flags, int descriptor, off_t offset) {
  char path[PATH_MAX];
  if (ready && descriptor >= 0 && (protection & PROT_WRITE) && (flags & MAP_SHARED) &&
      path_of_descriptor(descriptor, path, sizeof path) && below(path) != NULL && !may_be_mapped(path))
    put_unknown(descriptor, "mapped for writing");
  return (void*)syscall(SYS_mmap, place, length, protection, flags, descriptor, offset);
}
void* mmap64(void* place, size_t length, int protection, int flags, int descriptor, off64_t offset) {
  return mmap(place, length, protection, flags, descriptor, offset);
}

ssize_t sendfile(int to, int from, off_t* offset, size_t count) {
  put_unknown(to, "sendfile");
  return syscall(SYS_sendfile, to, from, offset, count);
}
ssize_t copy_file_range(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t length, unsigned flags) {
  put_unknown(to, "copy_file_range");
  return syscall(SYS_copy_file_range, from, from_offset, to, to_offset, length, flags);
}

// --- Syncing ----------------------------------------------------------------------------------------

// A sync of something below the root begins: its number, or -1 when it is about something else.
static int64_t sync_begins(int descriptor, ino_t* file) {
  struct stat facts;
  if (!is_ours(descriptor, &facts))
    return -1;
  char path[PATH_MAX];
  const char* name = NULL;
  if (S_ISDIR(facts.st_mode) && path_of_descriptor(descriptor, path, sizeof path))
    name = below(path);
  int64_t number = -1;
  take();
  *file = name != NULL ? facts.st_ino : file_of(descriptor, &facts);
  if (name != NULL)
    number = (int64_t)put_text(kind_sync, flag_directory, *file, name, strlen(name));
  else if (*file != 0)
    number = (int64_t)put(kind_sync, 0, *file, 0, 0, NULL, 0);
  leave();
  return number;
}

static bool sync_fails(const char* kind, ino_t file) {
  take();
  const bool is_broken = fails(kind);
  if (is_broken)
    put_text(kind_fault, 0, file, kind, strlen(kind));
  leave();
  return is_broken;
}

static int sync_any(int descriptor, long call) {
  ino_t file = 0;
  const int64_t number = sync_begins(descriptor, &file);
  if (number < 0)
    return (int)syscall(call, descriptor);
  if (sync_fails("sync", file)) {
    errno = EIO;
    return -1;
  }
  if (sync_fails("nosync", file))
    return 0;
  const int done = (int)syscall(call, descriptor);
  pass_time(call == SYS_fsync ? 20 : 1);
  if (done == 0) {
    take();
    put(kind_synced, 0, file, (uint64_t)number, 0, NULL, 0);
    leave();
  }
  return done;
}

int fsync(int descriptor) { return sync_any(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return sync_any(descriptor, SYS_fdatasync); }

// --- Directories ------------------------------------------------------------------------------------

// Behind an open: whether it made the file, or emptied it. With the lock held.
static void put_opened(int descriptor, const char* name, bool was_there, off_t had, bool empties) {
  struct stat facts;
  if (descriptor < 0 || fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode))
    return;
  if (!was_there) {
    is_known(facts.st_ino);
    put_text(kind_created, 0, facts.st_ino, name, strlen(name));
  } else if (empties && had > 0) {
    put(kind_truncated, 0, file_of(descriptor, &facts), 0, 0, NULL, 0);
  }
}

static int open_any(int directory, const char* path, int flags, mode_t mode) {
  char whole[PATH_MAX];
  const char* name = flags & (O_CREAT | O_TRUNC) ? inside(directory, path, whole) : NULL;
  if (name == NULL)
    return (int)syscall(SYS_openat, directory, path, flags, mode);
  take();
  struct stat before = {0};
  const bool was_there = stat(whole, &before) == 0;
  const int opened = (int)syscall(SYS_openat, directory, path, flags, mode);
  put_opened(opened, name, was_there, before.st_size, (flags & O_TRUNC) != 0);
  leave();
  return opened;
}

static mode_t mode_of(int flags, va_list more) {
  return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(more, int) : 0;
}

#define OPEN(name, parameters, directory)                                                            \
  int name parameters {                                                                              \
    va_list more;                                                                                    \
    va_start(more, flags);                                                                           \
    const mode_t mode = mode_of(flags, more);                                                        \
    va_end(more);                                                                                    \
    return open_any(directory, path, flags, mode);                                                   \
  }
OPEN(open, (const char* path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char* path, int flags, ...), AT_FDCWD)
OPEN(openat, (int directory, const char* path, int flags, ...), directory)
OPEN(openat64, (int directory, const char* path, int flags, ...), directory)

int creat(const char* path, mode_t mode) { return open_any(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }
int creat64(const char* path, mode_t mode) { return creat(path, mode); }

// The C++ library opens its streams so, and writes to them with write() and writev().
static FILE* fopen_any(const char* called, const char* path, const char* mode) {
  FILE* (*next)(const char*, const char*) = (FILE * (*)(const char*, const char*)) dlsym(RTLD_NEXT, called);
  char whole[PATH_MAX];
  const char* name = mode[0] != 'r' ? inside(AT_FDCWD, path, whole) : NULL;
  if (name == NULL)
    return next(path, mode);
  struct stat before = {0};
  const bool was_there = stat(whole, &before) == 0;
  FILE* opened = next(path, mode);
  take();
  put_opened(opened != NULL ? fileno(opened) : -1, name, was_there, before.st_size, mode[0] == 'w');
  leave();
  return opened;
}
FILE* fopen(const char* path, const char* mode) { return fopen_any("fopen", path, mode); }
FILE* fopen64(const char* path, const char* mode) { return fopen_any("fopen64", path, mode); }

// Names that change: the call and its record are one.
static int put_name(enum kind kind, int directory, const char* path, long call, int third) {
  char whole[PATH_MAX];
  const char* name = inside(directory, path, whole);
  if (name == NULL)
    return (int)syscall(call, directory, path, third);
  take();
  const int done = (int)syscall(call, directory, path, third);
  if (done == 0)
    put_text(kind, 0, 0, name, strlen(name));
  leave();
  return done;
}

int mkdirat(int directory, const char* path, mode_t mode) {
  return put_name(kind_directory, directory, path, SYS_mkdirat, (int)mode);
}
int mkdir(const char* path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
int unlinkat(int directory, const char* path, int flags) {
  return put_name(flags & AT_REMOVEDIR ? kind_removed : kind_unlinked, directory, path, SYS_unlinkat, flags);
}
int unlink(const char* path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char* path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char* path) {
  const int done = unlink(path);
  return done != 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : done;
}

// Of two names, both below the root or neither; the call is renameat2 or linkat.
static int put_names(enum kind kind, long call, int from_directory, const char* from, int to_directory, const char* to,
                     unsigned flags) {
  char one[PATH_MAX];
  char other[PATH_MAX];
  const char* old = inside(from_directory, from, one);
  const char* fresh = inside(to_directory, to, other);
  if (old == NULL && fresh == NULL)
    return (int)syscall(call, from_directory, from, to_directory, to, flags);
  take();
  const int done = (int)syscall(call, from_directory, from, to_directory, to, flags);
  if (done == 0 && (old == NULL || fresh == NULL)) {
    put_text(kind_unknown, 0, 0, "a name that comes from or goes elsewhere", 40);
  } else if (done == 0) {
    char both[2 * PATH_MAX];
    const int length = snprintf(both, sizeof both, "%s%c%s", old, 0, fresh);
    const bool exchanged = kind == kind_renamed && (flags & RENAME_EXCHANGE) != 0;
    put_text(kind, exchanged ? flag_exchanged : 0, 0, both, (size_t)length);
  }
  leave();
  return done;
}

int linkat(int from_directory, const char* from, int to_directory, const char* to, int flags) {
  return put_names(kind_linked, SYS_linkat, from_directory, from, to_directory, to, (unsigned)flags);
}
int link(const char* from, const char* to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) {
  return put_names(kind_renamed, SYS_renameat2, from_directory, from, to_directory, to, flags);
}
int renameat(int from_directory, const char* from, int to_directory, const char* to) {
  return renameat2(from_directory, from, to_directory, to, 0);
}
int rename(const char* from, const char* to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
