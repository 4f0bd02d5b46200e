/* InitializeSecurityContext and AcceptSecurityContext: buffers, flags, order of calls. */
#include "pair.h"

static const CtxtHandle UNTOUCHED = {0x5555, 0x6666};

static int is_untouched(const CtxtHandle *handle)
{
    return handle->dwLower == UNTOUCHED.dwLower && handle->dwUpper == UNTOUCHED.dwUpper;
}

/* A call of either side with these outputs; `in` may be NULL for the client's first leg. */
static SECURITY_STATUS call(int is_client, CredHandle *credential, CtxtHandle *old, uint32_t flags,
                            struct token *in, CtxtHandle *new_context, SecBufferDesc *output)
{
    SecBuffer in_buffer = {in ? in->length : 0, SECBUFFER_TOKEN, in ? in->bytes : NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer};
    uint32_t granted = 0;
    TimeStamp expiry;
    if (is_client)
        return InitializeSecurityContextA(credential, old, "host/server", flags, 0, SECURITY_NATIVE_DREP,
                                          in ? &input : NULL, 0, new_context, output, &granted, &expiry);
    return AcceptSecurityContext(credential, old, &input, flags, SECURITY_NATIVE_DREP, new_context, output,
                                 &granted, &expiry);
}

/* Output buffers that are no good on a first leg: no context is made. */
static void first_leg_outputs(int is_client)
{
    const char *side = is_client ? "client" : "server";
    struct pair pair;
    struct token good;
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    CredHandle *credential = is_client ? &pair.client_credential : &pair.server_credential;
    struct token *in = is_client ? NULL : &pair.negotiate;
    uint32_t flags = is_client ? CLIENT_FLAGS : 0;
    CtxtHandle context = UNTOUCHED;

    expect(call(is_client, credential, NULL, flags, in, &context, NULL), SEC_E_BUFFER_TOO_SMALL, "%s: pOutput NULL", side);
    check(is_untouched(&context), "%s: pOutput NULL: no context", side);

    unsigned char bytes[4096];
    SecBuffer buffer = {sizeof bytes, SECBUFFER_DATA, bytes};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    expect(call(is_client, credential, NULL, flags, in, &context, &output), SEC_E_BUFFER_TOO_SMALL, "%s: no TOKEN", side);
    check(is_untouched(&context), "%s: no TOKEN: no context", side);
    output.cBuffers = 0;
    expect(call(is_client, credential, NULL, flags, in, &context, &output), SEC_E_BUFFER_TOO_SMALL, "%s: no buffer", side);

    output.cBuffers = 1;
    buffer.BufferType = SECBUFFER_TOKEN;
    buffer.pvBuffer = NULL;
    expect(call(is_client, credential, NULL, flags, in, &context, &output), SEC_E_INTERNAL_ERROR, "%s: pvBuffer NULL", side);
    check(is_untouched(&context) && buffer.pvBuffer == NULL, "%s: pvBuffer NULL: nothing is made", side);

    buffer.pvBuffer = good.bytes;
    buffer.cbBuffer = sizeof good.bytes;
    expect(call(is_client, credential, NULL, flags, in, &context, &output), SEC_I_CONTINUE_NEEDED, "%s: good", side);
    good.length = buffer.cbBuffer;
    check(good.length >= 32 && buffer.BufferType == SECBUFFER_TOKEN && buffer.pvBuffer == good.bytes,
          "%s: the buffer has the token's size, its type and its place", side);
    DeleteSecurityContext(&context);
    context = UNTOUCHED;

    for (uint32_t size = 0; size < good.length; size++) {
        memset(bytes, 0xAB, sizeof bytes);
        buffer.pvBuffer = bytes;
        buffer.cbBuffer = size;
        expect(call(is_client, credential, NULL, flags, in, &context, &output), SEC_E_BUFFER_TOO_SMALL,
               "%s: %u bytes for the token", side, size);
        check(is_untouched(&context), "%s: %u bytes: no context", side, size);
        check(bytes[size] == 0xAB && buffer.pvBuffer == bytes, "%s: %u bytes: nothing behind them", side, size);
        check(size > 0 || buffer.cbBuffer == 0, "%s: a size of 0 stays 0", side);
    }
    DeleteSecurityContext(&pair.client);
    SecInvalidateHandle(&pair.client);
    check(shake_hands(&pair, CLIENT_FLAGS, 0) == SEC_E_OK && pair_talks(&pair),
          "%s: the credential is as good as ever", side);
    pair_close(&pair);
}

/* A short buffer on the client's second leg: the same call again with room gets the token. */
static void later_leg_retry(void)
{
    struct pair pair;
    struct token rest;
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);

    SecBuffer buffer = {10, SECBUFFER_TOKEN, pair.authenticate.bytes};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    for (uint32_t size = 0; size < 100; size += 9) {
        buffer.cbBuffer = size;
        expect(call(1, &pair.client_credential, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, &output),
               SEC_E_BUFFER_TOO_SMALL, "second leg with %u bytes", size);
    }
    expect(call(1, &pair.client_credential, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, NULL),
           SEC_E_BUFFER_TOO_SMALL, "second leg with pOutput NULL");
    struct token other = pair.challenge;
    other.bytes[24] ^= 1;
    buffer.cbBuffer = sizeof pair.authenticate.bytes;
    expect(call(1, &pair.client_credential, &pair.client, CLIENT_FLAGS, &other, &pair.client, &output),
           SEC_E_INVALID_TOKEN, "second leg with another input than before");
    buffer.cbBuffer = sizeof pair.authenticate.bytes;
    expect(call(1, &pair.client_credential, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, &output),
           SEC_E_OK, "second leg with room at last");
    pair.authenticate.length = buffer.cbBuffer;
    expect(respond(&pair.server_credential, &pair.server, 0, &pair.authenticate, &pair.server, &rest,
                   &pair.server_flags), SEC_E_OK, "the kept token is the right one");
    check(pair_talks(&pair), "the pair talks after all that");
    pair_close(&pair);
}

static void allocated(void)
{
    struct pair pair;
    CtxtHandle *contexts[2] = {&pair.client, &pair.server};
    uint32_t granted, bits[2] = {ISC_REQ_ALLOCATE_MEMORY | CLIENT_FLAGS, ASC_REQ_ALLOCATE_MEMORY};
    struct token token = {0};
    pair_credentials(&pair);
    for (int leg = 0; leg < 4; leg++) {
        int side = leg % 2;
        SecBuffer in_buffer = {token.length, SECBUFFER_TOKEN, token.bytes};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer};
        /* What the caller left in the buffer means nothing. */
        SecBuffer buffer = {7, SECBUFFER_TOKEN, (void *)(uintptr_t)0xDEAD0000};
        SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
        CtxtHandle *old = leg < 2 ? NULL : contexts[side];
        TimeStamp expiry;
        granted = 0;
        SECURITY_STATUS status = side == 0
            ? InitializeSecurityContextA(&pair.client_credential, old, NULL, bits[0], 0, 0, leg ? &input : NULL, 0,
                                         contexts[0], &output, &granted, &expiry)
            : AcceptSecurityContext(&pair.server_credential, old, &input, bits[1], 0, contexts[1], &output, &granted,
                                    &expiry);
        expect(status, leg < 2 ? SEC_I_CONTINUE_NEEDED : SEC_E_OK, "allocated, leg %d", leg);
        if (leg == 3) {
            check(buffer.pvBuffer == NULL && buffer.cbBuffer == 0, "no token: pvBuffer NULL, cbBuffer 0");
            break;
        }
        check(granted & ISC_RET_ALLOCATED_MEMORY, "leg %d says that it allocated", leg);
        check(buffer.cbBuffer >= 32 && buffer.cbBuffer <= sizeof token.bytes, "leg %d: a token", leg);
        memcpy(token.bytes, buffer.pvBuffer, buffer.cbBuffer);
        token.length = buffer.cbBuffer;
        expect(FreeContextBuffer(buffer.pvBuffer), SEC_E_OK, "leg %d: the token is freed", leg);
    }
    check(pair_talks(&pair), "a pair of allocated tokens talks");
    pair_close(&pair);
}

/* phNewContext: the same variable, another one, or none; phCredential may be NULL later. */
static void handles_of_later_legs(void)
{
    for (int way = 0; way < 4; way++) {
        struct pair pair;
        struct token rest;
        CtxtHandle other = UNTOUCHED;
        pair_credentials(&pair);
        initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
        respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
        CtxtHandle *next = way == 1 ? &other : way == 2 ? NULL : &pair.client;
        CredHandle *credential = way == 3 ? NULL : &pair.client_credential;
        expect(initiate(credential, &pair.client, CLIENT_FLAGS, &pair.challenge, next, &pair.authenticate,
                        &pair.client_flags), SEC_E_OK, "client, way %d", way);
        check(way != 1 || memcmp(&other, &pair.client, sizeof other) == 0, "both variables hold the handle");
        other = UNTOUCHED;
        next = way == 1 ? &other : way == 2 ? NULL : &pair.server;
        credential = way == 3 ? NULL : &pair.server_credential;
        expect(respond(credential, &pair.server, 0, &pair.authenticate, next, &rest, &pair.server_flags), SEC_E_OK,
               "server, way %d", way);
        check(way != 1 || memcmp(&other, &pair.server, sizeof other) == 0, "both variables hold the server's handle");
        check(pair_talks(&pair), "way %d talks", way);
        pair_close(&pair);
    }
}

/* Every leg writes the flags and the expiry, and never what was merely asked for. */
static void written_outputs(void)
{
    /* Bits of a request that no package here grants. */
    const uint32_t never = 0x80000000u | ISC_REQ_DELEGATE | ISC_REQ_RESERVED1 | 0x10000000u;
    struct pair pair;
    struct token rest;
    CtxtHandle *old[4] = {NULL, NULL, &pair.client, &pair.server};
    struct token *in[4] = {NULL, &pair.negotiate, &pair.challenge, &pair.authenticate};
    struct token *out[4] = {&pair.negotiate, &pair.challenge, &pair.authenticate, &rest};
    pair_credentials(&pair);
    for (int leg = 0; leg < 4; leg++) {
        SecBuffer in_buffer = {in[leg] ? in[leg]->length : 0, SECBUFFER_TOKEN, in[leg] ? in[leg]->bytes : NULL};
        SecBuffer out_buffer = {sizeof rest.bytes, SECBUFFER_TOKEN, out[leg]->bytes};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer}, output = {SECBUFFER_VERSION, 1, &out_buffer};
        uint32_t granted = 0xDEADBEEF;
        int64_t expiry = 0x1122334455667788;
        SECURITY_STATUS status = leg % 2 == 0
            ? InitializeSecurityContextA(&pair.client_credential, old[leg], NULL, CLIENT_FLAGS | never, 0, 0,
                                         in[leg] ? &input : NULL, 0, &pair.client, &output, &granted, (void *)&expiry)
            : AcceptSecurityContext(&pair.server_credential, old[leg], &input, never, 0, &pair.server, &output,
                                    &granted, (void *)&expiry);
        if (!expect(status, leg < 2 ? SEC_I_CONTINUE_NEEDED : SEC_E_OK, "leg %d with strange requests", leg))
            break;
        out[leg]->length = out_buffer.cbBuffer;
        check(granted != 0xDEADBEEF, "leg %d writes the flags", leg);
        check((granted & never) == 0, "leg %d grants no strange request: 0x%X", leg, (unsigned)granted);
        check(expiry != 0x1122334455667788 && expiry > 0, "leg %d writes the expiry", leg);
        if (leg == 2)
            check((granted & CLIENT_FLAGS) == CLIENT_FLAGS, "the client gets what it asked for: 0x%X", (unsigned)granted);
        if (leg == 3)
            check((granted & ASC_RET_CONFIDENTIALITY) && (granted & ASC_RET_INTEGRITY),
                  "the server says what was negotiated: 0x%X", (unsigned)granted);
    }
    check(pair_talks(&pair), "the pair talks");
    pair_close(&pair);

    pair_credentials(&pair);
    SecBuffer out_buffer = {sizeof rest.bytes, SECBUFFER_TOKEN, rest.bytes};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out_buffer};
    uint32_t granted;
    expect(InitializeSecurityContextA(&pair.client_credential, NULL, NULL, 0, 0, 0, NULL, 0, &pair.client, &output,
                                      &granted, NULL), SEC_I_CONTINUE_NEEDED, "no expiry wanted");
    pair_close(&pair);
}

/* The in-token and the out-token may be the same memory. */
static void shared_token_memory(void)
{
    struct pair pair;
    struct token token;
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &token, &pair.client_flags);
    for (int leg = 1; leg < 4; leg++) {
        SecBuffer in_buffer = {token.length, SECBUFFER_TOKEN, token.bytes};
        SecBuffer out_buffer = {sizeof token.bytes, SECBUFFER_TOKEN, token.bytes};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer}, output = {SECBUFFER_VERSION, 1, &out_buffer};
        uint32_t granted;
        TimeStamp expiry;
        SECURITY_STATUS status = leg == 2
            ? InitializeSecurityContextA(NULL, &pair.client, NULL, CLIENT_FLAGS, 0, 0, &input, 0, &pair.client,
                                         &output, &granted, &expiry)
            : AcceptSecurityContext(&pair.server_credential, leg == 1 ? NULL : &pair.server, &input, 0, 0,
                                    &pair.server, &output, &granted, &expiry);
        expect(status, leg == 1 ? SEC_I_CONTINUE_NEEDED : SEC_E_OK, "leg %d in one buffer", leg);
        token.length = out_buffer.cbBuffer;
    }
    check(pair_talks(&pair), "one buffer for all tokens: the pair talks");
    pair_close(&pair);
}

/* Other buffers beside the token: anywhere, of any type. */
static void other_buffers(void)
{
    struct pair pair;
    unsigned char junk[8] = "junk", bytes[4096];
    uint32_t granted;
    TimeStamp expiry;
    pair_credentials(&pair);
    SecBuffer empty = {0, SECBUFFER_EMPTY, NULL};
    SecBufferDesc nothing = {SECBUFFER_VERSION, 1, &empty};
    SecBuffer out[3] = {{sizeof junk, SECBUFFER_DATA, junk}, {0, 0x0FFFFFFF, NULL}, {sizeof bytes, SECBUFFER_TOKEN, bytes}};
    SecBufferDesc output = {SECBUFFER_VERSION, 3, out};
    expect(InitializeSecurityContextA(&pair.client_credential, NULL, NULL, CLIENT_FLAGS, 0, 0, &nothing, 0,
                                      &pair.client, &output, &granted, &expiry), SEC_I_CONTINUE_NEEDED,
           "an empty input buffer, the output token last");
    check(memcmp(junk, "junk", 5) == 0 && out[0].cbBuffer == sizeof junk && out[0].BufferType == SECBUFFER_DATA,
          "the other buffers are untouched");
    SecBuffer in[4] = {{sizeof junk, SECBUFFER_PKG_PARAMS, junk}, {sizeof junk, 0x0ABCDEF0, junk},
                       {0, SECBUFFER_EMPTY, NULL}, {out[2].cbBuffer, SECBUFFER_TOKEN | 0x60000000, bytes}};
    SecBufferDesc input = {SECBUFFER_VERSION, 4, in};
    SecBuffer out_token = {sizeof pair.challenge.bytes, SECBUFFER_TOKEN, pair.challenge.bytes};
    SecBufferDesc answer = {SECBUFFER_VERSION, 1, &out_token};
    expect(AcceptSecurityContext(&pair.server_credential, NULL, &input, 0, 0, &pair.server, &answer, &granted, &expiry),
           SEC_I_CONTINUE_NEEDED, "the input token last, with reserved bits, among unknown buffers");
    pair_close(&pair);
}

/* What the request says is what the NEGOTIATE message says. */
static void negotiate_flags(void)
{
    static const struct { uint32_t request, wanted; } cases[] = {
        {0, 0}, {ISC_REQ_CONNECTION, 0}, {ISC_REQ_EXTENDED_ERROR, 0}, {ISC_REQ_MUTUAL_AUTH, 0},
        {ISC_REQ_USE_DCE_STYLE, 0}, {ISC_REQ_DELEGATE, 0}, {ISC_REQ_INTEGRITY, 0x10},
        {ISC_REQ_REPLAY_DETECT, 0x10}, {ISC_REQ_SEQUENCE_DETECT, 0x10}, {ISC_REQ_CONFIDENTIALITY, 0x20},
    };
    struct pair pair;
    pair_credentials(&pair);
    for (int i = 0; i < 10; i++) {
        uint32_t flags = 0;
        expect(initiate(&pair.client_credential, NULL, cases[i].request, NULL, &pair.client, &pair.negotiate,
                        &pair.client_flags), SEC_I_CONTINUE_NEEDED, "request 0x%X", cases[i].request);
        memcpy(&flags, pair.negotiate.bytes + 12, 4);
        check((flags & 0x10) >= (cases[i].wanted & 0x10) && (flags & 0x20) == (cases[i].wanted & 0x20)
                  && ((flags & 0x10) == cases[i].wanted || cases[i].wanted == 0x20),
              "request 0x%X: SIGN and SEAL are 0x%X", cases[i].request, (unsigned)(flags & 0x30));
        check(flags & 0x8000, "request 0x%X: ALWAYS_SIGN", cases[i].request);
        DeleteSecurityContext(&pair.client);
        SecInvalidateHandle(&pair.client);
    }
    pair_close(&pair);
}

static void requirements(void)
{
    static const struct { uint32_t client, server; int64_t wanted; const char *name; } cases[] = {
        {0, 0, SEC_E_OK, "nothing asked"},
        {ISC_REQ_INTEGRITY, 0, SEC_E_OK, "the client asks for integrity"},
        {ISC_REQ_CONFIDENTIALITY, 0, SEC_E_OK, "the client asks for confidentiality"},
        {CLIENT_FLAGS, ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY, SEC_E_OK, "both ask"},
        {0, ASC_REQ_CONFIDENTIALITY, SEC_E_UNSUPPORTED_FUNCTION, "only the server asks for confidentiality"},
        {0, ASC_REQ_INTEGRITY, SEC_E_UNSUPPORTED_FUNCTION, "only the server asks for integrity"},
        {ISC_REQ_USE_DCE_STYLE | CLIENT_FLAGS, ASC_REQ_USE_DCE_STYLE, SEC_E_OK, "DCE style"},
        {ISC_REQ_CONNECTION | ISC_REQ_MUTUAL_AUTH | ISC_REQ_USE_SESSION_KEY | CLIENT_FLAGS, 0x883e, SEC_E_OK,
         "what remote desktop asks for"},
        {ISC_REQ_IDENTIFY | CLIENT_FLAGS, 0, SEC_E_OK, "identify"},
        {ISC_REQ_NO_INTEGRITY, 0, SEC_E_OK, "no integrity"},
    };
    for (int i = 0; i < 10; i++) {
        struct pair pair;
        pair_credentials(&pair);
        expect(shake_hands(&pair, cases[i].client, cases[i].server), cases[i].wanted, "%s", cases[i].name);
        if (cases[i].wanted == SEC_E_OK && (cases[i].client & ISC_REQ_CONFIDENTIALITY))
            check(pair_talks(&pair), "%s: the pair talks", cases[i].name);
        pair_close(&pair);
    }
    struct pair pair;
    pair_credentials(&pair);
    expect(shake_hands(&pair, ISC_REQ_DATAGRAM, 0), SEC_E_UNSUPPORTED_FUNCTION, "datagram style");
    pair_close(&pair);

    /* Nobody asked for protection: there is none to be had. */
    pair_open(&pair, 0, 0);
    unsigned char signature[16], text[4] = "text";
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {4, SECBUFFER_DATA, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    check((pair.client_flags & (ISC_RET_CONFIDENTIALITY)) == 0, "no confidentiality is granted");
    expect(EncryptMessage(&pair.client, 0, &message, 0), SEC_E_UNSUPPORTED_FUNCTION, "sealing without SEAL");
    check(memcmp(text, "text", 4) == 0, "the text is untouched");
    pair_close(&pair);
}

/* Tokens that are none, at each step. */
static void bad_tokens(void)
{
    struct pair pair;
    struct token answer, bad;
    pair_open(&pair, CLIENT_FLAGS, 0);
    CtxtHandle context = UNTOUCHED;
    struct token good[2] = {pair.negotiate, pair.challenge};
    uint32_t granted;
    /* What follows the flags may be left out. */
    for (uint32_t length = 0; length < 16; length++) {
        bad = good[0];
        bad.length = length;
        check(is_error(respond(&pair.server_credential, NULL, 0, &bad, &context, &answer, &granted)),
              "a NEGOTIATE of %u bytes", length);
        check(is_untouched(&context), "a NEGOTIATE of %u bytes makes no context", length);
    }
    bad = good[0];
    bad.length = 0;
    expect(respond(&pair.server_credential, NULL, 0, &bad, &context, &answer, &granted), SEC_E_INVALID_TOKEN, "an empty token");
    expect(respond(&pair.server_credential, NULL, 0, &good[1], &context, &answer, &granted), SEC_E_INVALID_TOKEN,
           "a CHALLENGE to the server");
    expect(respond(&pair.server_credential, NULL, 0, &pair.authenticate, &context, &answer, &granted), SEC_E_INVALID_TOKEN,
           "an AUTHENTICATE first");
    memset(bad.bytes, 'A', 200);
    bad.length = 200;
    expect(respond(&pair.server_credential, NULL, 0, &bad, &context, &answer, &granted), SEC_E_INVALID_TOKEN, "noise");
    TimeStamp expiry;
    SecBuffer out = {sizeof answer.bytes, SECBUFFER_TOKEN, answer.bytes};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    expect(AcceptSecurityContext(&pair.server_credential, NULL, NULL, 0, 0, &context, &output, &granted, &expiry),
           SEC_E_INVALID_PARAMETER, "no input at all");
    check(is_untouched(&context), "bad tokens make no context");

    for (uint32_t length = 0; length < good[1].length; length += 3) {
        CtxtHandle client;
        expect(initiate(&pair.client_credential, NULL, 0, NULL, &client, &answer, &granted), SEC_I_CONTINUE_NEEDED, "begin");
        bad = good[1];
        bad.length = length;
        CtxtHandle copy = client;
        expect(initiate(&pair.client_credential, &client, 0, &bad, &client, &answer, &granted), SEC_E_INVALID_TOKEN,
               "a CHALLENGE of %u bytes", length);
        check(memcmp(&copy, &client, sizeof copy) == 0, "a failed leg leaves the handle");
        expect(DeleteSecurityContext(&client), SEC_E_OK, "a failed context is deleted");
    }
    check(pair_talks(&pair), "the established pair is as good as ever");
    pair_close(&pair);
}

/* Calls in the wrong order. */
static void order(void)
{
    struct pair pair;
    struct token answer;
    unsigned char signature[16], text[4] = "text";
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {4, SECBUFFER_DATA, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
    CtxtHandle *open[2] = {&pair.client, &pair.server};
    for (int i = 0; i < 2; i++) {
        expect(MakeSignature(open[i], 0, &message, 0), SEC_E_INVALID_HANDLE, "MakeSignature on a half-open context");
        expect(VerifySignature(open[i], &message, 0, NULL), SEC_E_INVALID_HANDLE, "VerifySignature, half-open");
        expect(EncryptMessage(open[i], 0, &message, 0), SEC_E_INVALID_HANDLE, "EncryptMessage, half-open");
        expect(DecryptMessage(open[i], &message, 0, NULL), SEC_E_INVALID_HANDLE, "DecryptMessage, half-open");
        expect(CompleteAuthToken(open[i], &message), SEC_E_UNSUPPORTED_FUNCTION, "CompleteAuthToken, half-open");
        check(is_error(ImpersonateSecurityContext(open[i])), "ImpersonateSecurityContext, half-open");
        SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
        check(is_error(ExportSecurityContext(open[i], 0, &packed, NULL)), "ExportSecurityContext, half-open");
    }
    expect(initiate(NULL, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, &pair.authenticate,
                    &pair.client_flags), SEC_E_OK, "the client goes on after all that");
    expect(respond(NULL, &pair.server, 0, &pair.authenticate, &pair.server, &answer, &pair.server_flags), SEC_E_OK,
           "the server goes on after all that");
    expect(initiate(NULL, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, &answer, &pair.client_flags),
           SEC_E_OUT_OF_SEQUENCE, "a complete client once more");
    expect(respond(NULL, &pair.server, 0, &pair.authenticate, &pair.server, &answer, &pair.server_flags),
           SEC_E_OUT_OF_SEQUENCE, "a complete server once more");
    for (int i = 0; i < 2; i++) {
        SecBuffer none = {0, SECBUFFER_TOKEN, NULL};
        SecBufferDesc token = {SECBUFFER_VERSION, 1, &none};
        void *access = &access;
        expect(CompleteAuthToken(open[i], &token), SEC_E_OK, "CompleteAuthToken on a complete context");
        expect(ApplyControlToken(open[i], &token), SEC_E_UNSUPPORTED_FUNCTION, "ApplyControlToken");
        expect(QuerySecurityContextToken(open[i], &access), SEC_E_UNSUPPORTED_FUNCTION, "QuerySecurityContextToken");
        check(is_error(SetContextAttributesA(open[i], 77, text, 4)), "SetContextAttributesA of nothing known");
        check(is_error(SetContextAttributesW(open[i], 77, text, 4)), "SetContextAttributesW of nothing known");
    }
    check(pair_talks(&pair), "the pair talks after all that");
    pair_close(&pair);
}

/* Contexts and credentials go in any order. */
static void lifetimes(void)
{
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    expect(FreeCredentialsHandle(&pair.client_credential), SEC_E_OK, "the client's credential goes first");
    expect(FreeCredentialsHandle(&pair.server_credential), SEC_E_OK, "the server's credential goes first");
    check(pair_talks(&pair), "contexts outlive their credentials");
    CtxtHandle copy = pair.client;
    expect(DeleteSecurityContext(&pair.client), SEC_E_OK, "deleted");
    check(memcmp(&copy, &pair.client, sizeof copy) == 0, "deleting does not write the caller's handle");
    expect(DeleteSecurityContext(&pair.client), SEC_E_OK, "deleted again at once");
    expect(DeleteSecurityContext(&pair.server), SEC_E_OK, "the other side too");

    /* Half-open contexts too, even when the credential went in the middle. */
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
    FreeCredentialsHandle(&pair.client_credential);
    FreeCredentialsHandle(&pair.server_credential);
    struct token rest;
    expect(initiate(NULL, &pair.client, CLIENT_FLAGS, &pair.challenge, &pair.client, &pair.authenticate,
                    &pair.client_flags), SEC_E_OK, "a half-open client outlives its credential");
    expect(respond(NULL, &pair.server, 0, &pair.authenticate, &pair.server, &rest, &pair.server_flags), SEC_E_OK,
           "a half-open server outlives its credential");
    check(pair_talks(&pair), "and they talk");
    DeleteSecurityContext(&pair.client);
    DeleteSecurityContext(&pair.server);

    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    expect(DeleteSecurityContext(&pair.client), SEC_E_OK, "a half-open client is deleted");
    SecInvalidateHandle(&pair.client);
    pair_close(&pair);
}

/* In an unprivileged process a client is known, but nothing is done in its name. */
static void impersonation(void)
{
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    setenv("SSPI_IMPERSONATION", "identify", 1);
    uid_t before = geteuid();
    expect(ImpersonateSecurityContext(&pair.server), SEC_E_OK, "impersonate");
    expect(RevertSecurityContext(&pair.server), SEC_E_OK, "revert");
    check(geteuid() == before, "the user is as before");
    check(pair_talks(&pair), "the pair talks");
    pair_close(&pair);
    unsetenv("SSPI_IMPERSONATION");
}

/* The wide form is the same function. */
static void wide_client(void)
{
    struct pair pair;
    struct token rest;
    TimeStamp expiry;
    pair_credentials(&pair);
    SecBuffer buffer = {sizeof pair.negotiate.bytes, SECBUFFER_TOKEN, pair.negotiate.bytes};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    expect(InitializeSecurityContextW(&pair.client_credential, NULL, wide("host/server"), CLIENT_FLAGS, 0, 0, NULL, 0,
                                      &pair.client, &output, &pair.client_flags, &expiry), SEC_I_CONTINUE_NEEDED,
           "wide, first leg");
    pair.negotiate.length = buffer.cbBuffer;
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
    SecBuffer in = {pair.challenge.length, SECBUFFER_TOKEN, pair.challenge.bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    buffer = (SecBuffer){sizeof pair.authenticate.bytes, SECBUFFER_TOKEN, pair.authenticate.bytes};
    expect(InitializeSecurityContextW(&pair.client_credential, &pair.client, wide("host/server"), CLIENT_FLAGS, 0, 0,
                                      &input, 0, &pair.client, &output, &pair.client_flags, &expiry), SEC_E_OK,
           "wide, second leg");
    pair.authenticate.length = buffer.cbBuffer;
    expect(respond(&pair.server_credential, &pair.server, 0, &pair.authenticate, &pair.server, &rest,
                   &pair.server_flags), SEC_E_OK, "wide, accepted");
    check(pair_talks(&pair), "a wide client talks");
    pair_close(&pair);
}

/* The name counts when the context is made; callers may have freed it since. */
static void name_of_later_legs(void)
{
    struct pair pair;
    struct token rest;
    TimeStamp expiry;
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
    SecBuffer in = {pair.challenge.length, SECBUFFER_TOKEN, pair.challenge.bytes};
    SecBuffer out = {sizeof pair.authenticate.bytes, SECBUFFER_TOKEN, pair.authenticate.bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
    expect(InitializeSecurityContextW(&pair.client_credential, &pair.client, (void *)(uintptr_t)0xDEAD0000,
                                      CLIENT_FLAGS, 0, 0, &input, 0, &pair.client, &output, &pair.client_flags,
                                      &expiry), SEC_E_OK, "second leg, the name is gone");
    pair.authenticate.length = out.cbBuffer;
    expect(respond(&pair.server_credential, &pair.server, 0, &pair.authenticate, &pair.server, &rest,
                   &pair.server_flags), SEC_E_OK, "accepted without the name");
    check(pair_talks(&pair), "a pair whose name is gone talks");
    pair_close(&pair);
}

int main(void)
{
    use_accounts(ACCOUNTS);
    first_leg_outputs(1);
    first_leg_outputs(0);
    later_leg_retry();
    allocated();
    handles_of_later_legs();
    written_outputs();
    shared_token_memory();
    other_buffers();
    negotiate_flags();
    requirements();
    bad_tokens();
    order();
    lifetimes();
    impersonation();
    wide_client();
    name_of_later_legs();
    return test_summary();
}
