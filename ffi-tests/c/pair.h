/* A client and a server of one process, and their handshake step by step. */
#ifndef PAIR_H
#define PAIR_H

#include "test.h"

#define ACCOUNTS "DOMAIN:user:SecREt01\nDOMAIN:other:OtherPass\n"

/* What most tests ask for. */
#define CLIENT_FLAGS (ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT)

struct token {
    uint32_t length;
    unsigned char bytes[4096];
};

struct pair {
    CredHandle client_credential, server_credential;
    CtxtHandle client, server;
    uint32_t client_flags, server_flags;
    struct token negotiate, challenge, authenticate;
};

static inline SEC_WINNT_AUTH_IDENTITY_A identity_of(const char *domain, const char *user, const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_A identity;
    memset(&identity, 0, sizeof identity);
    identity.User = (unsigned char *)user;
    identity.UserLength = user ? (uint32_t)strlen(user) : 0;
    identity.Domain = (unsigned char *)domain;
    identity.DomainLength = domain ? (uint32_t)strlen(domain) : 0;
    identity.Password = (unsigned char *)password;
    identity.PasswordLength = password ? (uint32_t)strlen(password) : 0;
    identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
    return identity;
}

static inline SECURITY_STATUS acquire(const void *identity, uint32_t use, CredHandle *credential)
{
    TimeStamp expiry;
    return AcquireCredentialsHandleA(NULL, "NTLM", use, NULL, (void *)identity, NULL, NULL, credential, &expiry);
}

static inline SECURITY_STATUS acquire_client(const char *domain, const char *user, const char *password,
                                             CredHandle *credential)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of(domain, user, password);
    return acquire(&identity, SECPKG_CRED_OUTBOUND, credential);
}

static inline SECURITY_STATUS acquire_server(CredHandle *credential)
{
    return acquire(NULL, SECPKG_CRED_INBOUND, credential);
}

/* One call of InitializeSecurityContext: `in` is NULL on the first leg. */
static inline SECURITY_STATUS initiate(CredHandle *credential, CtxtHandle *old, uint32_t flags,
                                       struct token *in, CtxtHandle *new_context, struct token *out,
                                       uint32_t *granted)
{
    SecBuffer in_buffer = {in ? in->length : 0, SECBUFFER_TOKEN, in ? in->bytes : NULL};
    SecBuffer out_buffer = {sizeof out->bytes, SECBUFFER_TOKEN, out->bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer}, output = {SECBUFFER_VERSION, 1, &out_buffer};
    TimeStamp expiry;
    SECURITY_STATUS status = InitializeSecurityContextA(
        credential, old, "host/server", flags, 0, SECURITY_NATIVE_DREP, in ? &input : NULL, 0,
        new_context, &output, granted, &expiry);
    out->length = is_error(status) ? 0 : out_buffer.cbBuffer;
    return status;
}

/* One call of AcceptSecurityContext. */
static inline SECURITY_STATUS respond(CredHandle *credential, CtxtHandle *old, uint32_t flags,
                                      struct token *in, CtxtHandle *new_context, struct token *out,
                                      uint32_t *granted)
{
    SecBuffer in_buffer = {in->length, SECBUFFER_TOKEN, in->bytes};
    SecBuffer out_buffer = {sizeof out->bytes, SECBUFFER_TOKEN, out->bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer}, output = {SECBUFFER_VERSION, 1, &out_buffer};
    TimeStamp expiry;
    SECURITY_STATUS status = AcceptSecurityContext(
        credential, old, &input, flags, SECURITY_NATIVE_DREP, new_context, &output, granted, &expiry);
    out->length = is_error(status) ? 0 : out_buffer.cbBuffer;
    return status;
}

/* Runs the handshake of credentials that exist; the acceptor's last status, or the first failure. */
static inline SECURITY_STATUS shake_hands(struct pair *pair, uint32_t client_flags, uint32_t server_flags)
{
    struct token rest;
    SECURITY_STATUS status = initiate(&pair->client_credential, NULL, client_flags, NULL, &pair->client,
                                      &pair->negotiate, &pair->client_flags);
    if (is_error(status))
        return status;
    status = respond(&pair->server_credential, NULL, server_flags, &pair->negotiate, &pair->server,
                     &pair->challenge, &pair->server_flags);
    if (is_error(status))
        return status;
    status = initiate(&pair->client_credential, &pair->client, client_flags, &pair->challenge, &pair->client,
                      &pair->authenticate, &pair->client_flags);
    if (is_error(status))
        return status;
    return respond(&pair->server_credential, &pair->server, server_flags, &pair->authenticate, &pair->server,
                   &rest, &pair->server_flags);
}

/* A pair of credentials: DOMAIN\user with the right password, and an acceptor that knows it. */
static inline void pair_credentials(struct pair *pair)
{
    memset(pair, 0, sizeof *pair);
    SecInvalidateHandle(&pair->client);
    SecInvalidateHandle(&pair->server);
    if (acquire_client("DOMAIN", "user", "SecREt01", &pair->client_credential) != SEC_E_OK
        || acquire_server(&pair->server_credential) != SEC_E_OK) {
        check(0, "credentials of a pair");
        exit(test_summary());
    }
}

/* An established pair; the program ends when there is none. */
static inline void pair_open(struct pair *pair, uint32_t client_flags, uint32_t server_flags)
{
    pair_credentials(pair);
    if (!expect(shake_hands(pair, client_flags, server_flags), SEC_E_OK, "handshake of a pair"))
        exit(test_summary());
}

static inline void pair_close(struct pair *pair)
{
    if (SecIsValidHandle(&pair->client))
        DeleteSecurityContext(&pair->client);
    if (SecIsValidHandle(&pair->server))
        DeleteSecurityContext(&pair->server);
    FreeCredentialsHandle(&pair->client_credential);
    FreeCredentialsHandle(&pair->server_credential);
}

/* Signs and verifies, seals and opens one message from one side to the other. */
static inline int can_talk(CtxtHandle *from, CtxtHandle *to)
{
    unsigned char signature[16], text[] = "the quick brown fox";
    SecBuffer buffers[2] = {{sizeof signature, SECBUFFER_TOKEN, signature}, {sizeof text, SECBUFFER_DATA, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    uint32_t qop = 77;
    if (MakeSignature(from, 0, &message, 0) != SEC_E_OK || VerifySignature(to, &message, 0, &qop) != SEC_E_OK)
        return 0;
    buffers[0].cbBuffer = sizeof signature;
    if (EncryptMessage(from, 0, &message, 0) != SEC_E_OK || memcmp(text, "the quick brown fox", sizeof text) == 0)
        return 0;
    return DecryptMessage(to, &message, 0, &qop) == SEC_E_OK && memcmp(text, "the quick brown fox", sizeof text) == 0;
}

static inline int pair_talks(struct pair *pair)
{
    return can_talk(&pair->client, &pair->server) && can_talk(&pair->server, &pair->client);
}

#endif
