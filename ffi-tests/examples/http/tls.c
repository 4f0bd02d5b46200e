#include "tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct tls {
    SSL_CTX *context;
    unsigned char binding[64 + EVP_MAX_MD_SIZE];
    size_t binding_length;
};

static void complain(const char *what)
{
    char reason[256];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    fprintf(stderr, "%s: %s\n", what, reason);
}

/* The hash of the certificate's signature, but SHA-256 where that is MD5 or SHA-1 (RFC 5929, 4.1). */
static const EVP_MD *binding_hash(X509 *certificate)
{
    int hash = NID_undef;
    if (!X509_get_signature_info(certificate, &hash, NULL, NULL, NULL) || hash == NID_undef)
        return NULL;
    if (hash == NID_md5 || hash == NID_sha1)
        hash = NID_sha256;
    return EVP_get_digestbynid(hash);
}

static void make_binding(struct tls *tls, X509 *certificate)
{
    static const char prefix[] = "tls-server-end-point:";
    const size_t prefix_length = sizeof prefix - 1;
    const EVP_MD *hash = binding_hash(certificate);
    unsigned length = 0;
    memcpy(tls->binding, prefix, prefix_length);
    if (hash != NULL && X509_digest(certificate, hash, tls->binding + prefix_length, &length))
        tls->binding_length = prefix_length + length;
    else
        fprintf(stderr, "the certificate's signature has no channel binding: clients are not bound to it\n");
}

static int add_extension(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    int added = extension != NULL && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

/* A certificate for `host` that is valid from yesterday for a month. */
static X509 *sign_for(EVP_PKEY *key, const char *host)
{
    char names[300];
    unsigned char serial[8];
    X509 *certificate = X509_new();
    BIGNUM *number = BN_new();
    X509_NAME *name = certificate == NULL ? NULL : X509_get_subject_name(certificate);
    snprintf(names, sizeof names, "DNS:%s,DNS:localhost,IP:127.0.0.1", host);
    int made = name != NULL && number != NULL && BN_rand(number, 8 * sizeof serial - 1, 0, 0)
        && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL
        && X509_set_version(certificate, 2)
        && X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 60 * 60) != NULL
        && X509_gmtime_adj(X509_getm_notAfter(certificate), 30 * 24 * 60 * 60) != NULL
        && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)host, -1, -1, 0)
        && X509_set_issuer_name(certificate, name) && X509_set_pubkey(certificate, key)
        && add_extension(certificate, NID_subject_alt_name, names)
        && add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE")
        && X509_sign(certificate, key, EVP_sha256()) != 0;
    BN_free(number);
    if (made)
        return certificate;
    X509_free(certificate);
    return NULL;
}

static int use_own_certificate(SSL_CTX *context, const char *host)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key == NULL ? NULL : sign_for(key, host);
    int used = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1
        && SSL_CTX_use_PrivateKey(context, key) == 1;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return used;
}

static int use_files(SSL_CTX *context, const char *certificate, const char *key)
{
    return SSL_CTX_use_certificate_chain_file(context, certificate) == 1
        && SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1
        && SSL_CTX_check_private_key(context) == 1;
}

struct tls *tls_new(const char *certificate, const char *key, const char *host)
{
    struct tls *tls = calloc(1, sizeof *tls);
    SSL_CTX *context = tls == NULL ? NULL : SSL_CTX_new(TLS_server_method());
    if (context == NULL || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)) {
        complain("TLS");
        SSL_CTX_free(context);
        free(tls);
        return NULL;
    }
    tls->context = context;
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    int used = certificate != NULL ? use_files(context, certificate, key) : use_own_certificate(context, host);
    if (!used) {
        complain(certificate != NULL ? certificate : "making a certificate");
        tls_free(tls);
        return NULL;
    }
    make_binding(tls, SSL_CTX_get0_certificate(context));
    return tls;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

const unsigned char *tls_binding(const struct tls *tls, size_t *length)
{
    *length = tls->binding_length;
    return tls->binding;
}

SSL *tls_session(struct tls *tls, int fd)
{
    SSL *session = SSL_new(tls->context);
    if (session != NULL && SSL_set_fd(session, fd) == 1)
        return session;
    SSL_free(session);
    return NULL;
}

static enum tls_wait waiting(SSL *session, int result)
{
    if (result > 0)
        return TLS_DONE;
    switch (SSL_get_error(session, result)) {
    case SSL_ERROR_WANT_READ: return TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE: return TLS_WANTS_WRITE;
    default: return TLS_OVER;
    }
}

enum tls_wait tls_handshake(SSL *session)
{
    ERR_clear_error();
    return waiting(session, SSL_accept(session));
}

enum tls_wait tls_read(SSL *session, void *bytes, size_t length, size_t *done)
{
    ERR_clear_error();
    return waiting(session, SSL_read_ex(session, bytes, length, done));
}

enum tls_wait tls_write(SSL *session, const void *bytes, size_t length, size_t *done)
{
    ERR_clear_error();
    return waiting(session, SSL_write_ex(session, bytes, length, done));
}

void tls_end(SSL *session)
{
    ERR_clear_error();
    /* A session that has failed must not be shut down. */
    if (SSL_is_init_finished(session) && SSL_get_shutdown(session) == 0)
        SSL_shutdown(session);
    ERR_clear_error();
    SSL_free(session);
}

void tls_describe(SSL *session, char *text, size_t size)
{
    snprintf(text, size, "%s, %s", SSL_get_version(session), SSL_get_cipher_name(session));
}
