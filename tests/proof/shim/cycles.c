// Connects, upgrades, says hello, hears the welcome, and goes, again and again: cycles HOST PORT COUNT HELLO-FILE HOW.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char upgrade[] = "GET /v1/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: parley.v1.json\r\n\r\n";
static const unsigned char bye[] = {0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8};

static int say(int to, const void* what, size_t size) { return send(to, what, size, MSG_NOSIGNAL) == (ssize_t)size; }

/* Reads until `what` has come; false at the end, and when an error comes instead. */
static int hear(int from, const char* what) {
  char got[16384];
  size_t had = 0;
  while (had + 1 < sizeof got) {
    const ssize_t more = recv(from, got + had, sizeof got - 1 - had, 0);
    if (more <= 0)
      return 0;
    had += (size_t)more;
    if (memmem(got, had, what, strlen(what)) != NULL)
      return 1;
    if (memmem(got, had, "\"error\"", 7) != NULL)
      return 0;
  }
  return 0;
}

static int hear_the_end(int from) {
  char got[4096];
  ssize_t more;
  while ((more = recv(from, got, sizeof got, 0)) > 0) {
  }
  return more == 0;
}

/* How far a cycle goes: t: connect alone, u: the upgrade, h: hello, c: and a closing handshake. */
static int cycle(const struct sockaddr_in* to, const char* hello, size_t size, char how) {
  const int at = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const struct timeval patience = {20, 0};
  const int on = 1;
  setsockopt(at, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(at, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const struct linger none = {1, 0}; /* a reset at the end: no port is kept waiting */
  int good = connect(at, (const struct sockaddr*)to, sizeof *to) == 0;
  if (good && how != 't')
    good = say(at, upgrade, sizeof upgrade - 1) && hear(at, "\r\n\r\n");
  if (good && (how == 'h' || how == 'c'))
    good = say(at, hello, size) && hear(at, "\"welcome\"");
  if (good && how == 'c')
    good = say(at, bye, sizeof bye) && hear_the_end(at);
  setsockopt(at, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(at);
  return good;
}

int main(int count, char** words) {
  if (count != 6)
    return 2;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[2]))};
  inet_pton(AF_INET, words[1], &to.sin_addr);
  char hello[8192];
  FILE* file = fopen(words[4], "rb");
  const size_t size = file == NULL ? 0 : fread(hello, 1, sizeof hello, file);
  long good = 0, tried = atol(words[3]);
  for (long i = 0; i < tried; ++i)
    good += cycle(&to, hello, size, words[5][0]);
  printf("%ld\n", good);
  return good == tried ? 0 : 1;
}
