/* What WinPR (FreeRDP) adds to SSPI: its structures and numbers, as its programs have them compiled in. */
#ifndef WINPR_H
#define WINPR_H

#include "pair.h"

#include <stddef.h>

/* Context attributes. */
#define ATTR_IDENTITY 1001
#define ATTR_NTLM_HASH 1003
#define ATTR_SAM_FILE 1004
#define ATTR_MESSAGE 1100
#define ATTR_TIMESTAMP 1101
#define ATTR_CLIENT_CHALLENGE 1102
#define ATTR_SERVER_CHALLENGE 1103
#define ATTR_HASH_CB 1108
#define ATTR_HASH_CB_DATA 1109
#define ATTR_HOSTNAME 1108
#define ATTR_HOSTNAME_LEN 1110

/* Flags of an identity. */
#define IDENTITY_EXTENDED 0x100
#define IDENTITY_EXTENDED_V2 0x200
#define IDENTITY_PASSWORD_HASH 0x00800000

struct auth_identity { char user[257], domain[257]; };
struct ntlm_hash { int version; unsigned char hash[16]; };
struct ntlm_timestamp { unsigned char time[8]; int challenge_or_response; };
struct ntlm_message { uint32_t type, length; unsigned char *buffer; };

typedef int32_t (*hash_callback)(void *argument, const SEC_WINNT_AUTH_IDENTITY_W *identity, const SecBuffer *proof,
                                 const unsigned char *session_key, const unsigned char *mic, const SecBuffer *messages,
                                 unsigned char *hash);

struct ntlm_settings { const char *sam_file; hash_callback callback; void *argument; };
struct kerberos_settings {
    const char *kdc_url, *keytab, *cache, *armor_cache, *anchors, *identity;
    int with_pac;
    int32_t start_time, renew_life_time, life_time;
    unsigned char cert_sha1[20];
};
struct extended_identity {
    SEC_WINNT_AUTH_IDENTITY_EXW identity;
    struct ntlm_settings *ntlm;
    struct kerberos_settings *kerberos;
};

struct ntlm_settings_v2 {
    uint32_t size;
    const char *sam_file;
    hash_callback callback;
    void *argument;
    const char *target_name, *nb_computer, *nb_domain, *dns_computer, *dns_domain;
};
struct kerberos_settings_v2 { uint32_t size; struct kerberos_settings settings; unsigned char rest[16]; };
struct extended_identity_v2 {
    SEC_WINNT_AUTH_IDENTITY_EXW identity;
    uint32_t version;
    struct ntlm_settings_v2 *ntlm;
    struct kerberos_settings_v2 *kerberos;
};

_Static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_EXW) == 72 && offsetof(struct extended_identity, ntlm) == 72
                   && offsetof(struct extended_identity, kerberos) == 80, "WinPR 3.0");
_Static_assert(offsetof(struct extended_identity_v2, version) == 72 && offsetof(struct extended_identity_v2, ntlm) == 80
                   && offsetof(struct extended_identity_v2, kerberos) == 88 && sizeof(struct extended_identity_v2) == 96, "WinPR 3.31");
_Static_assert(sizeof(struct ntlm_settings) == 24 && sizeof(struct ntlm_settings_v2) == 72
                   && offsetof(struct ntlm_settings_v2, nb_computer) == 40, "NTLM's settings");
_Static_assert(offsetof(struct kerberos_settings, with_pac) == 48 && sizeof(struct kerberos_settings_v2) == 112
                   && offsetof(struct kerberos_settings_v2, settings.cache) == 24, "Kerberos' settings");

/* What the unit tests of WinPR log on with; the second hash is NTOWFv2 of these names. */
#define WINPR_USER "Username"
#define WINPR_DOMAIN "Domain"
#define WINPR_PASSWORD "P4ss123!"
#define WINPR_HASH __attribute__((unused)) static const unsigned char
WINPR_HASH winpr_nt_hash[16] = {0xd5, 0x92, 0x2a, 0x65, 0xc4, 0xd5, 0xc0, 0x82, 0xca, 0x44, 0x4a, 0xf1, 0xbe, 0x00, 0x01, 0xdb};
WINPR_HASH winpr_ntowfv2[16] = {0x4c, 0x7f, 0x70, 0x6f, 0x7d, 0xde, 0x05, 0xa9, 0xd1, 0xa0, 0xf4, 0xe7, 0xff, 0xe3, 0xbf, 0xb8};
/* The same names with an empty password. */
WINPR_HASH winpr_empty_nt_hash[16] = {0x31, 0xd6, 0xcf, 0xe0, 0xd1, 0x6a, 0xe9, 0x31, 0xb7, 0x3c, 0x59, 0xd7, 0xe0, 0xc0, 0x89, 0xc0};
WINPR_HASH winpr_empty_ntowfv2[16] = {0x0b, 0xce, 0x54, 0x87, 0x4e, 0x94, 0x20, 0x9e, 0x34, 0x48, 0x97, 0xc1, 0x60, 0x03, 0x6e, 0x3b};

/* A line of a SAM file for WinPR's user. */
#define WINPR_SAM_LINE "Username:Domain::d5922a65c4d5c082ca444af1be0001db:::\n"

/* How a callback of the tests answers. */
struct callback {
    int32_t answer;
    const unsigned char *hash;
    int calls;
};

__attribute__((unused))
static int32_t answer_with(void *argument, const SEC_WINNT_AUTH_IDENTITY_W *identity, const SecBuffer *proof,
                           const unsigned char *session_key, const unsigned char *mic, const SecBuffer *messages,
                           unsigned char *hash)
{
    struct callback *callback = argument;
    check(identity->UserLength == 8 && wide_equals(identity->User, WINPR_USER), "the callback sees the user");
    check(identity->DomainLength == 6 && wide_equals(identity->Domain, WINPR_DOMAIN), "and the domain");
    check((identity->Flags & SEC_WINNT_AUTH_IDENTITY_UNICODE) != 0, "in UTF-16");
    check(proof->cbBuffer > 36 && ((unsigned char *)proof->pvBuffer)[8] == 1, "and what the proof covers");
    check(messages->cbBuffer > 100 && memcmp(messages->pvBuffer, "NTLMSSP", 8) == 0, "and what the MIC covers");
    check(session_key != NULL && mic != NULL, "and the session key and the MIC");
    callback->calls++;
    if (callback->hash != NULL)
        memcpy(hash, callback->hash, 16);
    return callback->answer;
}

static inline void pair_start(struct pair *pair)
{
    memset(pair, 0, sizeof *pair);
    SecInvalidateHandle(&pair->client);
    SecInvalidateHandle(&pair->server);
}

#endif
