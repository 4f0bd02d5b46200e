/* TLS by OpenSSL, and the channel binding of the server's certificate (RFC 5929, tls-server-end-point). */
#ifndef TLS_H
#define TLS_H

#include <stddef.h>

struct tls;
struct ssl_st;

/* Reads a certificate chain and its key (PEM); with NULL for both it makes a certificate for `host` that
 * signs itself. NULL when that fails, after a line on stderr. */
struct tls *tls_new(const char *certificate, const char *key, const char *host);
void tls_free(struct tls *tls);

/* What a client's bindings must hold: "tls-server-end-point:" and the certificate's hash. Length 0 when the
 * certificate's signature names no hash, for which RFC 5929 has no binding. */
const unsigned char *tls_binding(const struct tls *tls, size_t *length);

/* A session on a connected socket that does not block; NULL without memory. */
struct ssl_st *tls_session(struct tls *tls, int fd);

/* What a step of a session waits for. */
enum tls_wait { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_OVER };

enum tls_wait tls_handshake(struct ssl_st *session);
enum tls_wait tls_read(struct ssl_st *session, void *bytes, size_t length, size_t *done);
enum tls_wait tls_write(struct ssl_st *session, const void *bytes, size_t length, size_t *done);
/* Says goodbye, without waiting for the answer. */
void tls_end(struct ssl_st *session);
/* "TLSv1.3, TLS_AES_256_GCM_SHA384". */
void tls_describe(struct ssl_st *session, char *text, size_t size);

#endif
