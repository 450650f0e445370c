// Loaded into a server: refuses the piece of memory that PROOF_REFUSE's orders name, counted from when they were given.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// In a file that the row writes: how many pieces are still given; below zero nothing is counted. Then what was refused.
struct orders {
  _Atomic long long left;
  _Atomic long long refused;
};

static struct orders *given;

// libstdc++'s std::get_new_handler, and its way to throw std::bad_alloc.
typedef void (*handler)(void);
handler _ZSt15get_new_handlerv(void);
void _ZSt17__throw_bad_allocv(void) __attribute__((noreturn));

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("PROOF_REFUSE");
  const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *given, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED)
    given = mapped;
  if (file >= 0)
    close(file);
}

// What operator new does when there is nothing.
static void refuse(void) {
  const handler asked = _ZSt15get_new_handlerv();
  if (asked)
    asked();
  _ZSt17__throw_bad_allocv();
}

static void *piece(size_t size) {
  if (given && atomic_load(&given->left) >= 0 && atomic_fetch_sub(&given->left, 1) == 0) {
    atomic_fetch_add(&given->refused, 1);
    refuse();
  }
  void *got = malloc(size ? size : 1);
  if (!got)
    refuse();
  return got;
}

// operator new and operator new[]
void *_Znwm(size_t size) { return piece(size); }
void *_Znam(size_t size) { return piece(size); }
