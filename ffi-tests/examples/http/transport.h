/* One connection's bytes, in the clear or under TLS; every wait has a deadline. */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

struct tls;
struct ssl_st;

struct transport {
    int fd;
    /* NULL: in the clear. */
    struct ssl_st *session;
};

/* Milliseconds of a clock that is never set. */
int64_t now_ms(void);

/* Takes a connected socket, and shakes hands where `tls` is not NULL; 0 when that fails. */
int transport_open(struct transport *transport, int fd, struct tls *tls, int64_t deadline);

/* Reads up to `length` bytes, at least one; 0 when there will be no more, or none in time. */
size_t transport_read(struct transport *transport, void *bytes, size_t length, int64_t deadline);

/* Writes all; 0 when that fails. */
int transport_write(struct transport *transport, const void *bytes, size_t length, int64_t deadline);

/* Ends the conversation so that the last answer arrives; the socket stays open. */
void transport_finish(struct transport *transport, int64_t deadline);

/* "plain HTTP", or TLS' version and cipher. */
void transport_describe(const struct transport *transport, char *text, size_t size);

#endif
