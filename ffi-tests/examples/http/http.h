/* Requests without a body, strictly read (RFC 9112), and answers. */
#ifndef HTTP_H
#define HTTP_H

#include "text.h"
#include "transport.h"

/* A request's head may be as large as the largest token of Negotiate in base64, and what a browser adds. */
#define HEAD_LIMIT (80u * 1024)
#define HEADER_LIMIT 100

/* A connection's requests, one after the other. */
struct reader {
    struct transport *transport;
    char *bytes;
    size_t filled, capacity;
    /* The length of the head that was handed out last. */
    size_t taken;
};

/* Strings lie in the reader and last until its next request; NULL for a header that is absent. */
struct request {
    const char *method, *path;
    const char *authorization, *accept;
    int keep_alive;
    /* A Via or Forwarded header: the connection is a proxy's, and may carry several clients. */
    int by_proxy;
};

/* No (further) request: the client left or fell silent. */
#define HTTP_GONE (-1)

/* Takes the next request: 0, HTTP_GONE, or the HTTP status of a refusal, after which the connection ends. */
int http_next(struct reader *reader, struct request *request, int64_t deadline);
void http_free(struct reader *reader);

/* An answer on its way; `headers` are whole lines that end with \r\n. */
struct answer {
    int status;
    const char *type;
    struct text headers, body;
};

/* Sends it, without its body to HEAD; 0 when that fails. */
int http_answer(struct transport *transport, const struct answer *answer, const char *method, int keep_alive,
                int64_t deadline);
void answer_free(struct answer *answer);
const char *http_reason(int status);

#endif
