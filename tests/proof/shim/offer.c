// Offers sends at a rate, whatever becomes of them, and lets go those of a sender who waits for too many answers: offer RATE
// SECONDS FRAMES SOCKET.... It says how many it offered, how many of these left, and how many sockets were closed.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_waiting = 128 }; /* answers of a sender: twice what the server has under way */

static const char place[] = "################"; /* where a frame has its number */
static const char answer[] = "\xa3ref\x01";      /* what each answer has once, and nothing else that comes */

struct sender {
  int socket;
  char* frame;
  char* number;
  size_t left; /* bytes of the frame that are still to be sent */
  int waiting; /* for so many answers */
  char tail[sizeof answer - 2]; /* of what came last: an answer may come in pieces */
  int closed;
};

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* Takes whatever has come: nobody here is a slow reader. */
static void read_on(struct sender* one) {
  enum { old = sizeof one->tail };
  char got[old + 65536];
  const ssize_t came = recv(one->socket, got + old, sizeof got - old, MSG_DONTWAIT);
  one->closed |= came == 0 || (came < 0 && errno != EAGAIN);
  if (came <= 0)
    return;
  memcpy(got, one->tail, old);
  const char* const end = got + old + came;
  for (const char* at = got; (at = memmem(at, (size_t)(end - at), answer, sizeof answer - 1)) != NULL; ++at)
    --one->waiting;
  memcpy(one->tail, end - old, old);
}

static void push(struct sender* one, size_t size) {
  const ssize_t sent = send(one->socket, one->frame + size - one->left, one->left, MSG_DONTWAIT | MSG_NOSIGNAL);
  one->left -= sent > 0 ? (size_t)sent : 0;
}

/* Whether a frame with this number has left, or begun to. */
static int offer(struct sender* one, size_t size, unsigned long number) {
  char digits[sizeof place];
  read_on(one);
  if (one->left > 0)
    push(one, size);
  if (one->left > 0 || one->waiting >= most_waiting)
    return 0;
  snprintf(digits, sizeof digits, "%016lx", number);
  memcpy(one->number, digits, sizeof digits - 1);
  one->left = size;
  push(one, size);
  if (one->left == size) {
    one->left = 0;
    return 0;
  }
  ++one->waiting;
  return 1;
}

/* The senders, each with its frame out of the file; all frames are of one size, which is given back. */
static size_t prepare(struct sender* senders, int count, char* frames, size_t bytes, char** sockets) {
  const size_t size = bytes / (size_t)count;
  for (int i = 0; i < count; ++i) {
    char* frame = frames + (size_t)i * size;
    char* number = memmem(frame, size, place, sizeof place - 1);
    if (number == NULL)
      exit(2);
    senders[i] = (struct sender){.socket = atoi(sockets[i]), .frame = frame, .number = number};
  }
  return size;
}

int main(int words, char** word) {
  if (words < 5)
    return 2;
  const double rate = atof(word[1]), seconds = atof(word[2]);
  const int count = words - 4;
  FILE* file = fopen(word[3], "rb");
  const size_t most = 1 << 20;
  char* frames = malloc(most);
  struct sender* senders = calloc((size_t)count, sizeof *senders);
  if (file == NULL || frames == NULL || senders == NULL)
    return 2;
  const size_t size = prepare(senders, count, frames, fread(frames, 1, most, file), word + 4);
  unsigned long offered = 0, left = 0;
  int closed = 0;
  const double begun = now();
  for (double passed = 0, next = 0; passed < seconds; passed = now() - begun) {
    if (passed * rate - next > rate / 10)
      next = passed * rate - rate / 10; /* who comes later than that has not offered it */
    for (; next < passed * rate; ++next, ++offered)
      left += (unsigned long)offer(&senders[offered % (unsigned)count], size, offered);
    usleep(1000);
  }
  for (int i = 0; i < count; ++i)
    closed += senders[i].closed;
  printf("%lu %lu %d\n", offered, left, closed);
  return 0;
}
