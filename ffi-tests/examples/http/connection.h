/* One connection from its first byte to its last. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include "logon.h"
#include "tls.h"

struct site {
    struct realm realm;
    /* NULL: plain HTTP. */
    struct tls *tls;
    /* How long a client may take for a handshake, for a request, and to take an answer. */
    int patience_ms;
};

/* Serves a connected socket until the conversation ends; `peer` is its address for the log. */
void serve(const struct site *site, int fd, const char *peer);

#endif
