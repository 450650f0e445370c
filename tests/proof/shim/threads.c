// Loaded into a server: refuses the thread that PROOF_THREAD counts to, as a system does that has no more.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef int (*creator)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

static atomic_int asked;

int pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*begin)(void*), void* with) {
  const char* refused = getenv("PROOF_THREAD");
  if (refused != NULL && atomic_fetch_add(&asked, 1) + 1 == atoi(refused))
    return EAGAIN;
  const creator next = (creator)dlsym(RTLD_NEXT, "pthread_create");
  return next(thread, how, begin, with);
}
