/* Who is at the other end of a connection: everything that asks SSPI. */
#ifndef LOGON_H
#define LOGON_H

#include <sspi.h>

#include "text.h"

#include <time.h>

/* A scheme of WWW-Authenticate, which is also the name of an SSPI package. */
struct scheme {
    const char *name;
    CredHandle credential;
    int acquired;
};

#define SCHEME_COUNT 2

/* What the server logs clients on with; shared by all connections. */
struct realm {
    struct scheme schemes[SCHEME_COUNT];
    /* SEC_CHANNEL_BINDINGS of this server's TLS; length 0 without. */
    unsigned char *bindings;
    uint32_t bindings_length;
    /* Refuse clients that are not bound to the channel, where there are bindings. */
    int bindings_required;
};

/* Acquires the credentials; `services` are the SPNs that clients may mean (none: any). 0 when that fails,
 * after a line on stderr. */
int realm_open(struct realm *realm, const char *const *services, uint32_t service_count);
/* Binds clients to a TLS channel; 0 without memory. */
int realm_bind(struct realm *realm, const unsigned char *data, size_t length);
void realm_close(struct realm *realm);

/* What is known of a client that is logged on; NULL where there is nothing to know. */
struct client {
    char *name, *package, *description, *target, *sealing;
    uint32_t key_bits;
    /* ASC_RET_*, and SEC_CHANNEL_BINDINGS_RESULT_*. */
    uint32_t protections, binding;
    time_t since;
    /* 0: never. */
    time_t until;
};

enum logon_state {
    LOGON_NOBODY,
    /* A token was answered, and the client has to answer that one. */
    LOGON_BEGUN,
    LOGON_KNOWN,
};

/* A connection's logon. It belongs to the connection: another one begins with nobody. */
struct logon {
    enum logon_state state;
    const struct scheme *scheme;
    CtxtHandle context;
    struct client client;
};

/* What is to be done about an Authorization header. */
enum verdict {
    /* It holds nothing that a logon could begin with. */
    VERDICT_ASK,
    /* Send the challenge and wait for the next request. */
    VERDICT_CONTINUE,
    VERDICT_WELCOME,
    VERDICT_REFUSED,
};

/* Takes the header's value. `challenge` receives the value of WWW-Authenticate that goes with the answer,
 * `reason` one line about a refusal. */
enum verdict logon_step(struct logon *logon, const struct realm *realm, const char *authorization,
                        struct text *challenge, struct text *reason);

/* Whether the client is logged on at this moment; a logon that has expired is over. */
int logon_is_valid(struct logon *logon);
void logon_forget(struct logon *logon);

#endif
