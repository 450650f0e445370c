// Runs a program's main() again and again without loading it again: for each line of standard input a child, in whose
// arguments `@` is that line. Its outputs go to the file PROOF_OUT; its status is printed, one a line.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef int (*main_function)(int, char**, char**);
typedef int (*start_function)(main_function, int, char**, void (*)(void), void (*)(void), void (*)(void), void*);

static main_function program;

static int run_as(char* line, int count, char** arguments, char** environment) {
  const int out = open(getenv("PROOF_OUT"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
    _exit(127);
  close(out);
  close(0);
  for (int i = 1; i < count; ++i)
    if (strcmp(arguments[i], "@") == 0)
      arguments[i] = line;
  return program(count, arguments, environment);
}

static int serve(int count, char** arguments, char** environment) {
  unsetenv("LD_PRELOAD");
  char line[4096];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    const pid_t child = fork();
    if (child == 0)
      return run_as(line, count, arguments, environment);
    int status = 127;
    if (child < 0 || waitpid(child, &status, 0) != child)
      _exit(1);
    printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    fflush(stdout);
  }
  _exit(0);
}

int __libc_start_main(main_function real, int count, char** arguments, void (*begin)(void), void (*end)(void),
                      void (*loader_end)(void), void* stack) {
  program = real;
  const start_function next = (start_function)dlsym(RTLD_NEXT, "__libc_start_main");
  return next(serve, count, arguments, begin, end, loader_end, stack);
}
