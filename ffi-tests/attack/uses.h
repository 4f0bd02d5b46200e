/* Every function that takes a handle, each behind the same signature. */
#ifndef USES_H
#define USES_H

#include "pair.h"

struct use {
    const char *name;
    SECURITY_STATUS (*call)(SecHandle *handle);
};

static unsigned char use_signature[16], use_text[32], use_out[4096], use_answer[256];
static SecBuffer use_buffers[2], use_out_buffer;
static SecBufferDesc use_message = {SECBUFFER_VERSION, 2, use_buffers};
static SecBufferDesc use_output = {SECBUFFER_VERSION, 1, &use_out_buffer};

static inline SecBufferDesc *use_fresh_message(void)
{
    memcpy(use_text, "a text of some length, 32 bytes.", 32);
    use_buffers[0] = (SecBuffer){16, SECBUFFER_TOKEN, use_signature};
    use_buffers[1] = (SecBuffer){32, SECBUFFER_DATA, use_text};
    return &use_message;
}

static inline SecBufferDesc *use_fresh_output(void)
{
    use_out_buffer = (SecBuffer){sizeof use_out, SECBUFFER_TOKEN, use_out};
    return &use_output;
}

static inline SECURITY_STATUS use_make(SecHandle *h) { return MakeSignature(h, 0, use_fresh_message(), 0); }
static inline SECURITY_STATUS use_verify(SecHandle *h) { return VerifySignature(h, use_fresh_message(), 0, NULL); }
static inline SECURITY_STATUS use_encrypt(SecHandle *h) { return EncryptMessage(h, 0, use_fresh_message(), 0); }
static inline SECURITY_STATUS use_decrypt(SecHandle *h) { return DecryptMessage(h, use_fresh_message(), 0, NULL); }
static inline SECURITY_STATUS use_seal(SecHandle *h) { return SealMessage(h, 0, use_fresh_message(), 0); }
static inline SECURITY_STATUS use_unseal(SecHandle *h) { return UnsealMessage(h, use_fresh_message(), 0, NULL); }
static inline SECURITY_STATUS use_query_a(SecHandle *h) { return QueryContextAttributesA(h, SECPKG_ATTR_SIZES, use_answer); }
static inline SECURITY_STATUS use_query_w(SecHandle *h) { return QueryContextAttributesW(h, SECPKG_ATTR_SIZES, use_answer); }
static inline SECURITY_STATUS use_query_ex_a(SecHandle *h) { return QueryContextAttributesExA(h, SECPKG_ATTR_SIZES, use_answer, 16); }
static inline SECURITY_STATUS use_query_ex_w(SecHandle *h) { return QueryContextAttributesExW(h, SECPKG_ATTR_SIZES, use_answer, 16); }
static inline SECURITY_STATUS use_set_a(SecHandle *h) { return SetContextAttributesA(h, 77, use_answer, 16); }
static inline SECURITY_STATUS use_set_w(SecHandle *h) { return SetContextAttributesW(h, 77, use_answer, 16); }
static inline SECURITY_STATUS use_impersonate(SecHandle *h) { return ImpersonateSecurityContext(h); }
static inline SECURITY_STATUS use_revert(SecHandle *h) { return RevertSecurityContext(h); }
static inline SECURITY_STATUS use_complete(SecHandle *h) { return CompleteAuthToken(h, use_fresh_message()); }
static inline SECURITY_STATUS use_control(SecHandle *h) { return ApplyControlToken(h, use_fresh_message()); }
static inline SECURITY_STATUS use_delete(SecHandle *h) { return DeleteSecurityContext(h); }

static inline SECURITY_STATUS use_token(SecHandle *h)
{
    void *token = NULL;
    return QuerySecurityContextToken(h, &token);
}

static inline SECURITY_STATUS use_export(SecHandle *h)
{
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    void *token = NULL;
    return ExportSecurityContext(h, 0, &packed, &token);
}

static inline SECURITY_STATUS use_initiate(SecHandle *h)
{
    uint32_t granted;
    return InitializeSecurityContextA(NULL, h, NULL, 0, 0, 0, use_fresh_message(), 0, h, use_fresh_output(), &granted, NULL);
}

static inline SECURITY_STATUS use_initiate_w(SecHandle *h)
{
    uint32_t granted;
    return InitializeSecurityContextW(NULL, h, NULL, 0, 0, 0, use_fresh_message(), 0, h, use_fresh_output(), &granted, NULL);
}

static inline SECURITY_STATUS use_accept(SecHandle *h)
{
    uint32_t granted;
    return AcceptSecurityContext(NULL, h, use_fresh_message(), 0, 0, h, use_fresh_output(), &granted, NULL);
}

static const struct use CONTEXT_USES[] = {
    {"MakeSignature", use_make}, {"VerifySignature", use_verify}, {"EncryptMessage", use_encrypt},
    {"DecryptMessage", use_decrypt}, {"SealMessage", use_seal}, {"UnsealMessage", use_unseal},
    {"QueryContextAttributesA", use_query_a}, {"QueryContextAttributesW", use_query_w},
    {"QueryContextAttributesExA", use_query_ex_a}, {"QueryContextAttributesExW", use_query_ex_w},
    {"SetContextAttributesA", use_set_a}, {"SetContextAttributesW", use_set_w},
    {"ImpersonateSecurityContext", use_impersonate}, {"RevertSecurityContext", use_revert},
    {"CompleteAuthToken", use_complete}, {"ApplyControlToken", use_control},
    {"QuerySecurityContextToken", use_token}, {"ExportSecurityContext", use_export},
    {"InitializeSecurityContextA", use_initiate}, {"InitializeSecurityContextW", use_initiate_w},
    {"AcceptSecurityContext", use_accept}, {"DeleteSecurityContext", use_delete},
};
#define CONTEXT_USE_COUNT (sizeof CONTEXT_USES / sizeof *CONTEXT_USES)

static inline SECURITY_STATUS use_names_a(SecHandle *h) { return QueryCredentialsAttributesA(h, 1, use_answer); }
static inline SECURITY_STATUS use_names_w(SecHandle *h) { return QueryCredentialsAttributesW(h, 1, use_answer); }
static inline SECURITY_STATUS use_names_ex_a(SecHandle *h) { return QueryCredentialsAttributesExA(h, 1, use_answer, 8); }
static inline SECURITY_STATUS use_names_ex_w(SecHandle *h) { return QueryCredentialsAttributesExW(h, 1, use_answer, 8); }
static inline SECURITY_STATUS use_set_cred_a(SecHandle *h) { return SetCredentialsAttributesA(h, 1, use_answer, 16); }
static inline SECURITY_STATUS use_set_cred_w(SecHandle *h) { return SetCredentialsAttributesW(h, 1, use_answer, 16); }
static inline SECURITY_STATUS use_free(SecHandle *h) { return FreeCredentialsHandle(h); }

static inline SECURITY_STATUS use_add_a(SecHandle *h)
{
    return AddCredentialsA(h, NULL, "NTLM", SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL);
}

static inline SECURITY_STATUS use_add_w(SecHandle *h)
{
    return AddCredentialsW(h, NULL, wide("NTLM"), SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL);
}

static inline SECURITY_STATUS use_begin(SecHandle *h)
{
    uint32_t granted;
    CtxtHandle context;
    SECURITY_STATUS status = InitializeSecurityContextA(h, NULL, NULL, 0, 0, 0, NULL, 0, &context, use_fresh_output(),
                                                        &granted, NULL);
    if (!is_error(status))
        DeleteSecurityContext(&context);
    return status;
}

static inline SECURITY_STATUS use_begin_accept(SecHandle *h)
{
    uint32_t granted;
    CtxtHandle context;
    return AcceptSecurityContext(h, NULL, use_fresh_message(), 0, 0, &context, use_fresh_output(), &granted, NULL);
}

static const struct use CREDENTIAL_USES[] = {
    {"QueryCredentialsAttributesA", use_names_a}, {"QueryCredentialsAttributesW", use_names_w},
    {"QueryCredentialsAttributesExA", use_names_ex_a}, {"QueryCredentialsAttributesExW", use_names_ex_w},
    {"SetCredentialsAttributesA", use_set_cred_a}, {"SetCredentialsAttributesW", use_set_cred_w},
    {"AddCredentialsA", use_add_a}, {"AddCredentialsW", use_add_w},
    {"InitializeSecurityContextA", use_begin}, {"AcceptSecurityContext", use_begin_accept},
    {"FreeCredentialsHandle", use_free},
};
#define CREDENTIAL_USE_COUNT (sizeof CREDENTIAL_USES / sizeof *CREDENTIAL_USES)

/* Whether a context that was established before is as good as ever, whatever was called on it. */
static inline void still_good(struct pair *pair, const char *after)
{
    check(pair_talks(pair), "the pair talks after %s", after);
}

#endif
