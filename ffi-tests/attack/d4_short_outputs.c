/* D4: every buffer with a page behind it that nobody may touch, at every size. */
#include "guard.h"
#include "pair.h"

/* Tokens out: at each size up to what is needed. */
static void tokens_out(struct guarded *room)
{
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    uint32_t needed[2] = {pair.negotiate.length, pair.challenge.length};
    for (int side = 0; side < 2; side++) {
        for (uint32_t size = 0; size <= needed[side]; size++) {
            SecBuffer in = {pair.negotiate.length, SECBUFFER_TOKEN, pair.negotiate.bytes};
            SecBuffer out = {size, SECBUFFER_TOKEN, guard_end(room, size)};
            SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
            uint32_t granted;
            CtxtHandle context;
            SECURITY_STATUS status = side == 0
                ? InitializeSecurityContextA(&pair.client_credential, NULL, "host/server", CLIENT_FLAGS, 0, 0, NULL, 0, &context,
                                             &output, &granted, NULL)
                : AcceptSecurityContext(&pair.server_credential, NULL, &input, 0, 0, &context, &output, &granted, NULL);
            expect(status, size < needed[side] ? SEC_E_BUFFER_TOO_SMALL : SEC_I_CONTINUE_NEEDED,
                   "side %d, %u of %u bytes", side, size, needed[side]);
            if (!is_error(status))
                DeleteSecurityContext(&context);
        }
    }
    pair_close(&pair);
}

/* The client's second token, retried with ever more room. */
static void later_token_out(struct guarded *room)
{
    struct pair pair;
    struct token rest;
    pair_credentials(&pair);
    initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &pair.client, &pair.negotiate, &pair.client_flags);
    respond(&pair.server_credential, NULL, 0, &pair.negotiate, &pair.server, &pair.challenge, &pair.server_flags);
    SECURITY_STATUS status = SEC_E_BUFFER_TOO_SMALL;
    uint32_t size = 0;
    for (; size < sizeof rest.bytes && status == SEC_E_BUFFER_TOO_SMALL; size++) {
        SecBuffer in = {pair.challenge.length, SECBUFFER_TOKEN, pair.challenge.bytes};
        SecBuffer out = {size, SECBUFFER_TOKEN, guard_end(room, size)};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
        status = InitializeSecurityContextA(NULL, &pair.client, "host/server", CLIENT_FLAGS, 0, 0, &input, 0, &pair.client,
                                            &output, &pair.client_flags, NULL);
        test_passed++;
        if (status == SEC_E_OK) {
            pair.authenticate.length = out.cbBuffer;
            memcpy(pair.authenticate.bytes, out.pvBuffer, out.cbBuffer);
        }
    }
    expect(status, SEC_E_OK, "the second token at last, with %u bytes", size - 1);
    expect(respond(NULL, &pair.server, 0, &pair.authenticate, &pair.server, &rest, &pair.server_flags), SEC_E_OK,
           "and it is the right one");
    check(pair_talks(&pair), "the pair talks");
    pair_close(&pair);
}

/* Tokens in: nothing behind their last byte is read, wherever they are cut. */
static void tokens_in(struct guarded *room)
{
    struct pair pair, half;
    struct token answer;
    pair_open(&pair, CLIENT_FLAGS, 0);
    uint32_t granted;
    for (uint32_t size = 0; size <= pair.negotiate.length; size++) {
        CtxtHandle context;
        SecBuffer in = {size, SECBUFFER_TOKEN, guard_copy(room, pair.negotiate.bytes, size)};
        SecBuffer out = {sizeof answer.bytes, SECBUFFER_TOKEN, answer.bytes};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
        SECURITY_STATUS status = AcceptSecurityContext(&pair.server_credential, NULL, &input, 0, 0, &context, &output, &granted, NULL);
        check(size < 16 ? is_error(status) : 1, "a NEGOTIATE of %u bytes", size);
        if (!is_error(status))
            DeleteSecurityContext(&context);
    }
    for (uint32_t size = 0; size < pair.challenge.length; size++) {
        CtxtHandle context;
        initiate(&pair.client_credential, NULL, CLIENT_FLAGS, NULL, &context, &answer, &granted);
        SecBuffer in = {size, SECBUFFER_TOKEN, guard_copy(room, pair.challenge.bytes, size)};
        SecBuffer out = {sizeof answer.bytes, SECBUFFER_TOKEN, answer.bytes};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
        check(is_error(InitializeSecurityContextA(NULL, &context, NULL, CLIENT_FLAGS, 0, 0, &input, 0, &context, &output,
                                                  &granted, NULL)), "a CHALLENGE of %u bytes", size);
        DeleteSecurityContext(&context);
    }
    for (uint32_t size = 0; size < pair.authenticate.length; size++) {
        pair_credentials(&half);
        initiate(&half.client_credential, NULL, CLIENT_FLAGS, NULL, &half.client, &half.negotiate, &granted);
        respond(&half.server_credential, NULL, 0, &half.negotiate, &half.server, &half.challenge, &granted);
        initiate(NULL, &half.client, CLIENT_FLAGS, &half.challenge, &half.client, &half.authenticate, &granted);
        if (size < half.authenticate.length) {
            SecBuffer in = {size, SECBUFFER_TOKEN, guard_copy(room, half.authenticate.bytes, size)};
            SecBuffer out = {sizeof answer.bytes, SECBUFFER_TOKEN, answer.bytes};
            SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
            check(is_error(AcceptSecurityContext(NULL, &half.server, &input, 0, 0, &half.server, &output, &granted, NULL)),
                  "an AUTHENTICATE of %u bytes", size);
        }
        pair_close(&half);
    }
    pair_close(&pair);
}

/* Messages whose signature and data end at such a page. */
static void messages(struct guarded *room, struct guarded *other)
{
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    for (uint32_t length = 0; length < 300; length += length < 40 ? 1 : 37) {
        for (uint32_t space = 0; space <= 16; space++) {
            unsigned char *text = guard_end(room, length);
            memset(text, 'x', length);
            SecBuffer buffers[2] = {{space, SECBUFFER_TOKEN, guard_end(other, space)}, {length, SECBUFFER_DATA, text}};
            SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
            if (space < 16) {
                expect(EncryptMessage(&pair.client, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL, "seal %u bytes, %u for the signature", length, space);
                expect(MakeSignature(&pair.client, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL, "sign %u bytes, %u for the signature", length, space);
                check(is_error(VerifySignature(&pair.client, &message, 0, NULL)), "verify with %u of a signature", space);
                check(is_error(DecryptMessage(&pair.client, &message, 0, NULL)), "open with %u of a signature", space);
                continue;
            }
            expect(EncryptMessage(&pair.client, 0, &message, 0), SEC_E_OK, "seal %u bytes", length);
            expect(DecryptMessage(&pair.server, &message, 0, NULL), SEC_E_OK, "open %u bytes", length);
            check(length == 0 || text[length - 1] == 'x', "%u bytes are back", length);
            expect(MakeSignature(&pair.client, 0, &message, 0), SEC_E_OK, "sign %u bytes", length);
            expect(VerifySignature(&pair.server, &message, 0, NULL), SEC_E_OK, "verify %u bytes", length);
        }
    }
    for (uint32_t length = 0; length < 60; length++) {
        SecBuffer buffers[2] = {{length, SECBUFFER_STREAM, guard_end(room, length)}, {0, SECBUFFER_DATA, NULL}};
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
        check(is_error(DecryptMessage(&pair.server, &message, 0, NULL)), "a stream of %u bytes of noise", length);
    }
    check(pair_talks(&pair), "the pair talks after all sizes");
    pair_close(&pair);
}

/* Structs of queries that are exactly as large as said. */
static void queries(struct guarded *room)
{
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    for (uint32_t attribute = 0; attribute < 40; attribute++) {
        for (uint32_t size = 0; size <= 64; size++) {
            unsigned char *answer = guard_end(room, size);
            memset(answer, 0, size);
            for (int is_wide = 0; is_wide < 2; is_wide++) {
                SECURITY_STATUS status = is_wide
                    ? QueryContextAttributesExW(&pair.server, attribute, answer, size)
                    : QueryContextAttributesExA(&pair.server, attribute, answer, size);
                check(status == SEC_E_OK || is_error(status), "attribute %u with %u bytes", attribute, size);
                /* Whatever word of it is a block of the library is freed. */
                for (uint32_t at = 0; at + 8 <= size && status == SEC_E_OK; at += 8) {
                    void *block;
                    memcpy(&block, answer + at, 8);
                    FreeContextBuffer(block);
                }
            }
        }
    }
    for (uint32_t size = 0; size <= 8; size++) {
        unsigned char *answer = guard_end(room, size);
        SECURITY_STATUS status = QueryCredentialsAttributesExA(&pair.client_credential, SECPKG_CRED_ATTR_NAMES, answer, size);
        expect(status, size < 8 ? SEC_E_BUFFER_TOO_SMALL : SEC_E_OK, "NAMES of a credential, %u bytes", size);
        if (status == SEC_E_OK) {
            void *name;
            memcpy(&name, answer, 8);
            FreeContextBuffer(name);
        }
    }
    pair_close(&pair);
}

/* Counted strings, buffer arrays and handles at the end of their page. */
static void inputs_at_the_end(struct guarded *room, struct guarded *other)
{
    CredHandle credential;
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_of("DOMAIN", "user", "SecREt01");
    identity.User = guard_copy(room, identity.User, identity.UserLength);
    identity.Password = guard_copy(other, identity.Password, identity.PasswordLength);
    expect(acquire(&identity, SECPKG_CRED_OUTBOUND, &credential), SEC_E_OK, "strings without a NUL at the end of a page");
    SecHandle *handle = guard_copy(room, &credential, sizeof credential);
    SecPkgCredentials_NamesA *names = guard_end(other, sizeof *names);
    expect(QueryCredentialsAttributesA(handle, SECPKG_CRED_ATTR_NAMES, names), SEC_E_OK, "a handle at the end of a page");
    FreeContextBuffer(names->sUserName);
    expect(FreeCredentialsHandle(handle), SEC_E_OK, "freed there");
    SEC_WINNT_AUTH_IDENTITY_A *at_end = guard_end(room, sizeof identity);
    *at_end = identity_of("DOMAIN", "user", "SecREt01");
    TimeStamp *expiry = guard_end(other, sizeof *expiry);
    expect(AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_OUTBOUND, NULL, at_end, NULL, NULL, &credential, expiry),
           SEC_E_OK, "an identity at the end of a page, its expiry too");
    FreeCredentialsHandle(&credential);

    struct pair pair;
    unsigned char signature[16], text[4] = "text";
    pair_open(&pair, CLIENT_FLAGS, 0);
    SecBuffer list[2] = {{16, SECBUFFER_TOKEN, signature}, {4, SECBUFFER_DATA, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, guard_copy(room, list, sizeof list)};
    expect(EncryptMessage(&pair.client, 0, guard_copy(other, &message, sizeof message), 0), SEC_E_OK,
           "a descriptor and its buffers at the end of a page");
    uint32_t *qop = guard_end(other, sizeof *qop);
    expect(DecryptMessage(&pair.server, &message, 0, qop), SEC_E_OK, "and the quality of protection");
    pair_close(&pair);
}

int main(void)
{
    struct guarded room = guard_make(8192), other = guard_make(8192);
    use_accounts(ACCOUNTS);
    tokens_out(&room);
    later_token_out(&room);
    tokens_in(&room);
    messages(&room, &other);
    queries(&room);
    inputs_at_the_end(&room, &other);
    guard_free(&room);
    guard_free(&other);
    return test_summary();
}
