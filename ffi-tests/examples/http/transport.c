#include "transport.h"

#ifdef HTTP_TLS
#include "tls.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until the socket is ready; 0 at the deadline. */
static int wait_for(int fd, short events, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - now_ms();
        if (left <= 0)
            return 0;
        struct pollfd poll_fd = {fd, events, 0};
        int ready = poll(&poll_fd, 1, left > 60000 ? 60000 : (int)left);
        if (ready > 0)
            return 1;
        if (ready < 0 && errno != EINTR)
            return 0;
    }
}

static int would_block(ssize_t result)
{
    return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

#ifdef HTTP_TLS
/* Waits for what the session's step asked for; 0 when the session is over or time is. */
static int wait_for_tls(struct transport *transport, enum tls_wait wait, int64_t deadline)
{
    if (wait == TLS_OVER)
        return 0;
    return wait_for(transport->fd, wait == TLS_WANTS_READ ? POLLIN : POLLOUT, deadline);
}

static int begin_tls(struct transport *transport, struct tls *tls, int64_t deadline)
{
    transport->session = tls_session(tls, transport->fd);
    if (transport->session == NULL)
        return 0;
    for (;;) {
        enum tls_wait wait = tls_handshake(transport->session);
        if (wait == TLS_DONE)
            return 1;
        if (!wait_for_tls(transport, wait, deadline))
            return 0;
    }
}

/* One of tls_read and tls_write, for as long as it takes; 0 when it fails. */
static size_t read_tls(struct transport *transport, void *bytes, size_t length, int64_t deadline)
{
    for (;;) {
        size_t done = 0;
        enum tls_wait wait = tls_read(transport->session, bytes, length, &done);
        if (wait == TLS_DONE)
            return done;
        if (!wait_for_tls(transport, wait, deadline))
            return 0;
    }
}

static size_t write_tls(struct transport *transport, const void *bytes, size_t length, int64_t deadline)
{
    for (;;) {
        size_t done = 0;
        enum tls_wait wait = tls_write(transport->session, bytes, length, &done);
        if (wait == TLS_DONE)
            return done;
        if (!wait_for_tls(transport, wait, deadline))
            return 0;
    }
}
#endif

int transport_open(struct transport *transport, int fd, struct tls *tls, int64_t deadline)
{
    int on = 1;
    *transport = (struct transport){fd, NULL};
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
        return 0;
    /* Answers are written whole: nothing is gained by waiting for more. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef HTTP_TLS
    if (tls != NULL)
        return begin_tls(transport, tls, deadline);
#else
    (void)deadline;
#endif
    return tls == NULL;
}

static size_t read_plain(struct transport *transport, void *bytes, size_t length, int64_t deadline)
{
    for (;;) {
        ssize_t received = recv(transport->fd, bytes, length, 0);
        if (received > 0)
            return (size_t)received;
        if (!would_block(received) || !wait_for(transport->fd, POLLIN, deadline))
            return 0;
    }
}

static size_t write_plain(struct transport *transport, const void *bytes, size_t length, int64_t deadline)
{
    for (;;) {
        ssize_t sent = send(transport->fd, bytes, length, MSG_NOSIGNAL);
        if (sent > 0)
            return (size_t)sent;
        if (!would_block(sent) || !wait_for(transport->fd, POLLOUT, deadline))
            return 0;
    }
}

size_t transport_read(struct transport *transport, void *bytes, size_t length, int64_t deadline)
{
#ifdef HTTP_TLS
    if (transport->session != NULL)
        return read_tls(transport, bytes, length, deadline);
#endif
    return read_plain(transport, bytes, length, deadline);
}

static size_t write_some(struct transport *transport, const void *bytes, size_t length, int64_t deadline)
{
#ifdef HTTP_TLS
    if (transport->session != NULL)
        return write_tls(transport, bytes, length, deadline);
#endif
    return write_plain(transport, bytes, length, deadline);
}

int transport_write(struct transport *transport, const void *bytes, size_t length, int64_t deadline)
{
    const char *next = bytes;
    while (length > 0) {
        size_t written = write_some(transport, next, length, deadline);
        if (written == 0)
            return 0;
        next += written;
        length -= written;
    }
    return 1;
}

void transport_finish(struct transport *transport, int64_t deadline)
{
    char ignored[4096];
    size_t most = 64;
#ifdef HTTP_TLS
    if (transport->session != NULL)
        tls_end(transport->session);
    transport->session = NULL;
#endif
    /* What the client still sends would make the system reset the connection, and the answer be lost. */
    shutdown(transport->fd, SHUT_WR);
    while (most-- > 0 && read_plain(transport, ignored, sizeof ignored, deadline) > 0)
        continue;
}

void transport_describe(const struct transport *transport, char *text, size_t size)
{
#ifdef HTTP_TLS
    if (transport->session != NULL) {
        tls_describe(transport->session, text, size);
        return;
    }
#endif
    (void)transport;
    snprintf(text, size, "plain HTTP");
}
