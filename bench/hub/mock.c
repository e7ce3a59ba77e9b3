/* The upstream of the benchmarks: one thread, epoll, keep-alive. Answers every POST with a canned chat completion of
   about 600 bytes, or, where the body asks for a stream, with 40 chunks, one every 10 ms. Counts what it served.

   mock PORT [CHUNKS] [INTERVAL_MS]     GET /served   -> {"requests", "streams", "chunks", "gone", "open"}
                                        GET /health   -> 200
   A model called "stall" is never answered; "halt" stops after half of its chunks and says nothing more. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_FD 65536
#define ROOM 16384

struct conn {
  char *in, *out;
  size_t in_len, in_room, out_len, out_room;
  int open, streaming, sent, halts, want_out;
  double next;
  int before, after; /* in the list of streams, by fd */
};

static struct conn conns[MOST_FD];
static int ep, first = -1, chunks = 40;
static double interval = 0.010;
static long served, streams, chunks_sent, gone, open_now;

static const char ANSWER[] =
    "{\"id\":\"chatcmpl-9aXb2kQm4\",\"object\":\"chat.completion\",\"created\":1760000000,\"model\":\"gpt-4o-mini\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Lorem ipsum dolor sit amet, consectetur "
    "adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis "
    "nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat.\"},\"logprobs\":null,"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":200,\"completion_tokens\":50,\"total_tokens\":250,"
    "\"prompt_tokens_details\":{\"cached_tokens\":0}}}";

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void put(struct conn *c, const char *data, size_t len) {
  if (c->out_len + len > c->out_room) {
    c->out_room = (c->out_len + len) * 2;
    c->out = realloc(c->out, c->out_room);
  }
  memcpy(c->out + c->out_len, data, len);
  c->out_len += len;
}

static void unlist(int fd) {
  struct conn *c = &conns[fd];
  if (!c->streaming) return;
  if (c->before >= 0) conns[c->before].after = c->after; else first = c->after;
  if (c->after >= 0) conns[c->after].before = c->before;
  c->streaming = 0;
}

static void end(int fd) {
  struct conn *c = &conns[fd];
  if (c->streaming) gone++;
  unlist(fd);
  free(c->in); free(c->out);
  memset(c, 0, sizeof *c);
  open_now--;
  close(fd);
}

static int flush(int fd) {
  struct conn *c = &conns[fd];
  while (c->out_len) {
    ssize_t n = send(fd, c->out, c->out_len, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno != EAGAIN) return -1;
      break;
    }
    memmove(c->out, c->out + n, c->out_len - n);
    c->out_len -= n;
  }
  int want = c->out_len > 0;
  if (want != c->want_out) {
    struct epoll_event e = {.events = EPOLLIN | (want ? EPOLLOUT : 0), .data.fd = fd};
    epoll_ctl(ep, EPOLL_CTL_MOD, fd, &e);
    c->want_out = want;
  }
  return 0;
}

static void piece(struct conn *c, const char *text) {
  char line[1024];
  int len = snprintf(line, sizeof line, "data: %s\n\n", text), head;
  char size[16];
  head = snprintf(size, sizeof size, "%x\r\n", len);
  put(c, size, head); put(c, line, len); put(c, "\r\n", 2);
}

static void chunk(int fd) {
  struct conn *c = &conns[fd];
  char text[512];
  if (c->out_len > 65536) return; /* it is not read: wait */
  if (c->halts && c->sent >= chunks / 2) { c->next = now() + 3600; return; }
  snprintf(text, sizeof text,
           "{\"id\":\"chatcmpl-9aXb2kQm4\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":"
           "\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{%s\"content\":\"word%d \"},\"finish_reason\":%s}]}",
           c->sent ? "" : "\"role\":\"assistant\",", c->sent, c->sent == chunks - 1 ? "\"stop\"" : "null");
  piece(c, text);
  chunks_sent++;
  if (++c->sent == chunks) {
    snprintf(text, sizeof text,
             "{\"id\":\"chatcmpl-9aXb2kQm4\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":"
             "\"gpt-4o-mini\",\"choices\":[],\"usage\":{\"prompt_tokens\":200,\"completion_tokens\":%d,"
             "\"total_tokens\":%d}}", chunks, 200 + chunks);
    piece(c, text);
    piece(c, "[DONE]");
    put(c, "0\r\n\r\n", 5);
    unlist(fd);
  }
}

static void answer(int fd, char *head, size_t head_len, char *body, size_t body_len) {
  struct conn *c = &conns[fd];
  char text[512];
  int len;
  if (!memcmp(head, "GET /served", 11)) {
    char counts[256];
    int size = snprintf(counts, sizeof counts,
                        "{\"requests\":%ld,\"streams\":%ld,\"chunks\":%ld,\"gone\":%ld,\"open\":%ld}", served, streams,
                        chunks_sent, gone, open_now);
    len = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s",
                   size, counts);
    put(c, text, len);
    return;
  }
  if (!memcmp(head, "GET ", 4)) {
    put(c, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 40);
    return;
  }
  if (memmem(body, body_len, "\"stall\"", 7)) return;
  if (memmem(body, body_len, "\"stream\":true", 13) || memmem(body, body_len, "\"stream\": true", 14)) {
    streams++;
    len = snprintf(text, sizeof text,
                   "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
    put(c, text, len);
    c->streaming = 1; c->sent = 0; c->next = now() + interval;
    c->halts = memmem(body, body_len, "\"halt\"", 6) != NULL;
    c->before = -1; c->after = first;
    if (first >= 0) conns[first].before = fd;
    first = fd;
    return;
  }
  served++;
  len = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n",
                 sizeof ANSWER - 1);
  put(c, text, len);
  put(c, ANSWER, sizeof ANSWER - 1);
  (void)head_len;
}

/* The length of a body in chunks from `at`, which is gathered at its beginning; -1: more has to come. */
static long gather(char *at, size_t len, size_t *used) {
  size_t from = 0, to = 0;
  for (;;) {
    char *mark = memmem(at + from, len - from, "\r\n", 2);
    if (!mark) return -1;
    size_t size = strtoul(at + from, NULL, 16), start = mark + 2 - at;
    if (len < start + size + 2) return -1;
    if (!size) { *used = start + 2; return to; }
    memmove(at + to, at + start, size);
    to += size;
    from = start + size + 2;
  }
}

static void take(int fd) {
  struct conn *c = &conns[fd];
  for (;;) {
    if (c->streaming) return;
    char *mark = memmem(c->in, c->in_len, "\r\n\r\n", 4);
    if (!mark) return;
    size_t head = mark + 4 - c->in, used;
    long body = 0;
    char last = c->in[head - 1];
    c->in[head - 1] = 0;
    char *length = strcasestr(c->in, "\r\ncontent-length:");
    int coded = strcasestr(c->in, "\r\ntransfer-encoding:") != NULL;
    c->in[head - 1] = last;
    if (coded) {
      char *copy = malloc(c->in_len - head + 1);
      memcpy(copy, c->in + head, c->in_len - head);
      body = gather(copy, c->in_len - head, &used);
      if (body >= 0) answer(fd, c->in, head, copy, body);
      free(copy);
      if (body < 0) return;
    } else {
      if (length) body = atol(length + 17);
      if (c->in_len < head + body) return;
      used = body;
      answer(fd, c->in, head, c->in + head, body);
    }
    memmove(c->in, c->in + head + used, c->in_len - head - used);
    c->in_len -= head + used;
  }
}

static int readable(int fd) {
  struct conn *c = &conns[fd];
  for (;;) {
    if (c->in_room - c->in_len < ROOM) {
      c->in_room += ROOM;
      c->in = realloc(c->in, c->in_room);
    }
    ssize_t n = recv(fd, c->in + c->in_len, c->in_room - c->in_len, 0);
    if (n == 0) return -1;
    if (n < 0) {
      if (errno == EAGAIN) break;
      return -1;
    }
    c->in_len += n;
    if ((size_t)n < ROOM) break;
  }
  take(fd);
  return flush(fd);
}

static void ticks(void) {
  double at = now();
  for (int fd = first, after; fd >= 0; fd = after) {
    after = conns[fd].after;
    if (conns[fd].next <= at) {
      conns[fd].next += interval;
      if (conns[fd].next < at) conns[fd].next = at;
      chunk(fd);
      if (!conns[fd].streaming) take(fd);
      if (flush(fd) < 0) end(fd);
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (argc > 2) chunks = atoi(argv[2]);
  if (argc > 3) interval = atof(argv[3]) / 1000;
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  inet_pton(AF_INET, "127.0.0.1", &where.sin_addr);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&where, sizeof where) || listen(listener, 4096)) {
    perror("mock");
    return 1;
  }
  ep = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[512];
  epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
  for (;;) {
    int count = epoll_wait(ep, events, 512, first >= 0 ? 2 : 1000);
    for (int n = 0; n < count; n++) {
      int fd = events[n].data.fd;
      if (fd == listener) {
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          if (fd >= MOST_FD) { close(fd); continue; }
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
          open_now++;
          conns[fd].open = 1;
          e.events = EPOLLIN;
          e.data.fd = fd;
          epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
        }
        continue;
      }
      if (!conns[fd].open) continue;
      int broken = 0;
      if (events[n].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) broken = readable(fd);
      if (!broken && events[n].events & EPOLLOUT) broken = flush(fd);
      if (broken) end(fd);
    }
    ticks();
  }
}
