/* D5: descriptors with impossible counts, versions and duplicates. */
#include "pair.h"

#define TEXT "text of a message"

/* A descriptor's count, version and array, and what all four message functions say of it. */
static void refused_message(struct pair *pair, SecBufferDesc description, const char *what)
{
    SecBufferDesc copy = description;
    expect(MakeSignature(&pair->client, 0, &copy, 0), SEC_E_INVALID_TOKEN, "%s: MakeSignature", what);
    copy = description;
    expect(VerifySignature(&pair->client, &copy, 0, NULL), SEC_E_INVALID_TOKEN, "%s: VerifySignature", what);
    copy = description;
    expect(EncryptMessage(&pair->client, 0, &copy, 0), SEC_E_INVALID_TOKEN, "%s: EncryptMessage", what);
    copy = description;
    expect(DecryptMessage(&pair->client, &copy, 0, NULL), SEC_E_INVALID_TOKEN, "%s: DecryptMessage", what);
    check(memcmp(&copy, &description, sizeof copy) == 0, "%s: the descriptor stays", what);
}

static void counts(struct pair *pair)
{
    static const uint32_t bad[] = {65, 66, 1000, 0x10000000, 0x10000001, 0x7FFFFFFF, 0x80000000u, 0xFFFFFFFFu};
    unsigned char signature[16], text[] = TEXT;
    SecBuffer buffers[65];
    memset(buffers, 0, sizeof buffers);
    buffers[0] = (SecBuffer){16, SECBUFFER_TOKEN, signature};
    buffers[1] = (SecBuffer){sizeof text, SECBUFFER_DATA, text};
    for (int i = 0; i < 8; i++)
        refused_message(pair, (SecBufferDesc){SECBUFFER_VERSION, bad[i], buffers}, "too many buffers");
    refused_message(pair, (SecBufferDesc){SECBUFFER_VERSION, 0, buffers}, "no buffer");
    refused_message(pair, (SecBufferDesc){SECBUFFER_VERSION, 0, NULL}, "no buffer at NULL");
    refused_message(pair, (SecBufferDesc){SECBUFFER_VERSION, 2, NULL}, "two buffers at NULL");
    refused_message(pair, (SecBufferDesc){SECBUFFER_VERSION, 0xFFFFFFFFu, NULL}, "all buffers at NULL");
    refused_message(pair, (SecBufferDesc){1, 2, buffers}, "version 1");
    refused_message(pair, (SecBufferDesc){0xFFFFFFFFu, 2, buffers}, "the last version");
    check(memcmp(text, TEXT, sizeof text) == 0, "the text stays");
    SecBufferDesc most = {SECBUFFER_VERSION, 64, buffers};
    expect(EncryptMessage(&pair->client, 0, &most, 0), SEC_E_OK, "64 buffers are no problem");
    expect(DecryptMessage(&pair->server, &most, 0, NULL), SEC_E_OK, "64 buffers, back");
    check(memcmp(text, TEXT, sizeof text) == 0, "the text is back");
}

static void duplicates(struct pair *pair)
{
    unsigned char first[16], second[16], text[] = TEXT;
    SecBuffer two_tokens[3] = {{16, SECBUFFER_TOKEN, first}, {sizeof text, SECBUFFER_DATA, text}, {16, SECBUFFER_TOKEN, second}};
    refused_message(pair, (SecBufferDesc){SECBUFFER_VERSION, 3, two_tokens}, "two tokens");
    SecBuffer two_streams[3] = {{sizeof text, SECBUFFER_STREAM, text}, {sizeof text, SECBUFFER_STREAM, text}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc streams = {SECBUFFER_VERSION, 3, two_streams};
    expect(DecryptMessage(&pair->client, &streams, 0, NULL), SEC_E_INVALID_TOKEN, "two streams");
    check(memcmp(text, TEXT, sizeof text) == 0, "the text stays");
}

static void unknown_types(struct pair *pair)
{
    unsigned char signature[16], text[] = TEXT, other[8] = "other";
    for (uint32_t type = 3; type < 40; type++) {
        if (type == SECBUFFER_PADDING || type == SECBUFFER_STREAM)
            continue;
        SecBuffer buffers[3] = {{8, type, other}, {16, SECBUFFER_TOKEN, signature}, {sizeof text, SECBUFFER_DATA, text}};
        SecBufferDesc message = {SECBUFFER_VERSION, 3, buffers};
        expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_OK, "a buffer of type %u", type);
        expect(DecryptMessage(&pair->server, &message, 0, NULL), SEC_E_OK, "a buffer of type %u, back", type);
        check(memcmp(other, "other", 6) == 0 && buffers[0].cbBuffer == 8 && buffers[0].BufferType == type, "type %u stays", type);
    }
    SecBuffer buffers[3] = {{8, 0x0FFFFFFF, other}, {16, SECBUFFER_TOKEN | 0x60000000, signature}, {sizeof text, SECBUFFER_DATA | 0x60000000, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 3, buffers};
    expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_OK, "reserved attribute bits");
    expect(DecryptMessage(&pair->server, &message, 0, NULL), SEC_E_OK, "reserved attribute bits, back");
    check(memcmp(text, TEXT, sizeof text) == 0, "the text is back");
}

/* The same of the handshake's descriptors. */
static void handshake(struct pair *pair)
{
    static const SecBufferDesc shapes[] = {{1, 1, NULL}, {SECBUFFER_VERSION, 1, NULL}, {SECBUFFER_VERSION, 65, NULL},
                                           {SECBUFFER_VERSION, 0xFFFFFFFFu, NULL}};
    unsigned char bytes[4096];
    uint32_t granted;
    for (int i = 0; i < 8; i++) {
        SecBuffer list[65];
        memset(list, 0, sizeof list);
        list[0] = (SecBuffer){sizeof bytes, SECBUFFER_TOKEN, bytes};
        SecBufferDesc bad = shapes[i / 2];
        if (i % 2)
            bad.pBuffers = list;
        if (bad.ulVersion == SECBUFFER_VERSION && bad.cBuffers == 1 && bad.pBuffers != NULL)
            continue;
        CtxtHandle context = {7, 8};
        SecBuffer in = {pair->negotiate.length, SECBUFFER_TOKEN, pair->negotiate.bytes}, out = list[0];
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
        expect(InitializeSecurityContextA(&pair->client_credential, NULL, NULL, 0, 0, 0, NULL, 0, &context, &bad, &granted, NULL),
               SEC_E_INVALID_TOKEN, "shape %d as the client's output", i);
        expect(InitializeSecurityContextA(&pair->client_credential, NULL, NULL, 0, 0, 0, &bad, 0, &context, &output, &granted, NULL),
               SEC_E_INVALID_TOKEN, "shape %d as the client's input", i);
        expect(AcceptSecurityContext(&pair->server_credential, NULL, &bad, 0, 0, &context, &output, &granted, NULL),
               SEC_E_INVALID_TOKEN, "shape %d as the server's input", i);
        expect(AcceptSecurityContext(&pair->server_credential, NULL, &input, 0, 0, &context, &bad, &granted, NULL),
               SEC_E_INVALID_TOKEN, "shape %d as the server's output", i);
        check(context.dwLower == 7 && context.dwUpper == 8, "shape %d makes no context", i);
    }
    struct token answer;
    SecBuffer two[2] = {{pair->negotiate.length, SECBUFFER_TOKEN, pair->negotiate.bytes},
                        {pair->challenge.length, SECBUFFER_TOKEN, pair->challenge.bytes}};
    SecBuffer out = {sizeof answer.bytes, SECBUFFER_TOKEN, answer.bytes};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, two}, output = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle context = {7, 8};
    SECURITY_STATUS status = AcceptSecurityContext(&pair->server_credential, NULL, &input, 0, 0, &context, &output, &granted, NULL);
    expect(status, SEC_E_INVALID_TOKEN, "two input tokens");
    SecBuffer lying = {64, SECBUFFER_TOKEN, NULL};
    SecBufferDesc nothing = {SECBUFFER_VERSION, 1, &lying};
    expect(AcceptSecurityContext(&pair->server_credential, NULL, &nothing, 0, 0, &context, &output, &granted, NULL),
           SEC_E_INVALID_TOKEN, "64 bytes at NULL");
    check(context.dwLower == 7 && context.dwUpper == 8, "no context is made");
}

int main(void)
{
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    counts(&pair);
    duplicates(&pair);
    unknown_types(&pair);
    handshake(&pair);
    check(pair_talks(&pair), "the pair talks after all of it");
    pair_close(&pair);
    return test_summary();
}
