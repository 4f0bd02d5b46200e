/* MakeSignature, VerifySignature, EncryptMessage, DecryptMessage. */
#include "pair.h"

#define TEXT "The quick brown fox jumps over the lazy dog"
#define TEXT_LENGTH ((uint32_t)sizeof TEXT - 1)

struct message {
    unsigned char signature[64];
    unsigned char text[256];
    uint32_t length;
};

static SecBufferDesc describe(SecBuffer *buffers, uint32_t count)
{
    return (SecBufferDesc){SECBUFFER_VERSION, count, buffers};
}

/* Seals a text into a message: signature in the first 16 bytes of `signature`. */
static SECURITY_STATUS seal(CtxtHandle *context, uint32_t qop, struct message *message, const void *text, uint32_t length)
{
    memcpy(message->text, text, length);
    message->length = length;
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, message->signature}, {length, SECBUFFER_DATA, message->text}};
    SecBufferDesc description = describe(buffers, 2);
    return EncryptMessage(context, qop, &description, 0);
}

static SECURITY_STATUS open_message(CtxtHandle *context, struct message *message, uint32_t *qop)
{
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, message->signature}, {message->length, SECBUFFER_DATA, message->text}};
    SecBufferDesc description = describe(buffers, 2);
    return DecryptMessage(context, &description, 0, qop);
}

static int holds(const struct message *message, const char *text)
{
    return message->length == strlen(text) && memcmp(message->text, text, message->length) == 0;
}

/* Sends a text through and back. */
static void sizes(struct pair *pair)
{
    static const uint32_t lengths[] = {0, 1, 2, 15, 16, 17, 63, 64, 65, 255, 256, 1000, 4096, 65536, 1u << 20};
    unsigned char *text = malloc(1u << 20), *copy = malloc(1u << 20), signature[16];
    for (uint32_t i = 0; i < 1u << 20; i++)
        text[i] = (unsigned char)(i * 7 + (i >> 8));
    memcpy(copy, text, 1u << 20);
    CtxtHandle *sides[2] = {&pair->client, &pair->server};
    for (int i = 0; i < 30; i++) {
        CtxtHandle *from = sides[i % 2], *to = sides[1 - i % 2];
        uint32_t length = lengths[i / 2], qop = 99;
        SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {length, SECBUFFER_DATA, text}};
        SecBufferDesc message = describe(buffers, 2);
        expect(EncryptMessage(from, 0, &message, (uint32_t)i * 77), SEC_E_OK, "seal %u bytes", length);
        check(length < 16 || memcmp(text, copy, length) != 0, "%u bytes are not what they were", length);
        expect(DecryptMessage(to, &message, 12345, &qop), SEC_E_OK, "open %u bytes", length);
        check(memcmp(text, copy, length) == 0 && qop == 0, "%u bytes are what they were", length);
        expect(MakeSignature(from, 0, &message, 3), SEC_E_OK, "sign %u bytes", length);
        check(memcmp(text, copy, length) == 0, "signing leaves %u bytes as they are", length);
        expect(VerifySignature(to, &message, 9, NULL), SEC_E_OK, "verify %u bytes", length);
    }
    free(text);
    free(copy);
}

/* A buffer of each kind, in every order. */
static void orders(struct pair *pair)
{
    for (int permutation = 0; permutation < 24; permutation++) {
        int order[4] = {0, 1, 2, 3}, rest = permutation;
        for (int i = 0; i < 4; i++) {
            int pick = i + rest % (4 - i), swap = order[pick];
            rest /= 4 - i;
            order[pick] = order[i];
            order[i] = swap;
        }
        unsigned char signature[16], header[4] = "head", text[] = TEXT;
        SecBuffer kinds[4] = {{16, SECBUFFER_TOKEN, signature},
                              {4, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, header},
                              {TEXT_LENGTH, SECBUFFER_DATA, text},
                              {0, SECBUFFER_PADDING, NULL}};
        SecBuffer buffers[4];
        for (int i = 0; i < 4; i++)
            buffers[i] = kinds[order[i]];
        SecBufferDesc message = describe(buffers, 4);
        expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_OK, "order %d: seal", permutation);
        check(memcmp(header, "head", 4) == 0, "order %d: read-only data stay", permutation);
        check(memcmp(text, TEXT, TEXT_LENGTH) != 0, "order %d: data are sealed", permutation);
        expect(DecryptMessage(&pair->server, &message, 0, NULL), SEC_E_OK, "order %d: open", permutation);
        check(memcmp(text, TEXT, TEXT_LENGTH) == 0, "order %d: the text is back", permutation);
        expect(MakeSignature(&pair->server, 0, &message, 0), SEC_E_OK, "order %d: sign", permutation);
        expect(VerifySignature(&pair->client, &message, 0, NULL), SEC_E_OK, "order %d: verify", permutation);
    }
}

/* Several DATA buffers are one message: how it is cut does not matter. */
static void several_data(struct pair *pair)
{
    unsigned char signature[16], text[] = TEXT;
    SecBuffer cut[5] = {{10, SECBUFFER_DATA, text}, {0, SECBUFFER_DATA, NULL}, {16, SECBUFFER_TOKEN, signature},
                        {1, SECBUFFER_DATA, text + 10}, {TEXT_LENGTH - 11, SECBUFFER_DATA, text + 11}};
    SecBufferDesc message = describe(cut, 5);
    expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_OK, "seal four pieces");
    SecBuffer whole[2] = {{16, SECBUFFER_TOKEN, signature}, {TEXT_LENGTH, SECBUFFER_DATA, text}};
    SecBufferDesc one = describe(whole, 2);
    expect(DecryptMessage(&pair->server, &one, 0, NULL), SEC_E_OK, "open them as one");
    check(memcmp(text, TEXT, TEXT_LENGTH) == 0, "the text is back");
    expect(MakeSignature(&pair->server, 0, &one, 0), SEC_E_OK, "sign one");
    expect(VerifySignature(&pair->client, &message, 0, NULL), SEC_E_OK, "verify it as four");
}

/* Both read-only kinds are signed and left alone. */
static void read_only(struct pair *pair)
{
    static const uint32_t kinds[] = {SECBUFFER_READONLY, SECBUFFER_READONLY_WITH_CHECKSUM};
    for (int i = 0; i < 2; i++) {
        unsigned char signature[16], header[] = "header", text[] = TEXT, trailer[] = "trailer";
        SecBuffer buffers[4] = {{6, SECBUFFER_DATA | kinds[i], header}, {TEXT_LENGTH, SECBUFFER_DATA, text},
                                {7, SECBUFFER_DATA | kinds[i], trailer}, {16, SECBUFFER_TOKEN, signature}};
        SecBufferDesc message = describe(buffers, 4);
        expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_OK, "read-only %d: seal", i);
        check(strcmp((char *)header, "header") == 0 && strcmp((char *)trailer, "trailer") == 0,
              "read-only %d: not sealed", i);
        unsigned char sealed[sizeof text];
        memcpy(sealed, text, sizeof text);
        header[0] ^= 1;
        expect(DecryptMessage(&pair->server, &message, 0, NULL), SEC_E_MESSAGE_ALTERED, "read-only %d: changed", i);
        check(header[1] == 'e', "read-only %d: a failure leaves it", i);
        header[0] ^= 1;
        /* What failed may have been zeroed. */
        memcpy(text, sealed, sizeof text);
        expect(DecryptMessage(&pair->server, &message, 0, NULL), SEC_E_OK, "read-only %d: as it was", i);
        check(memcmp(text, TEXT, TEXT_LENGTH) == 0, "read-only %d: the text is back", i);
    }
}

static void without_encryption(struct pair *pair)
{
    struct message message;
    expect(seal(&pair->client, SECQOP_WRAP_NO_ENCRYPT, &message, TEXT, TEXT_LENGTH), SEC_E_OK, "wrap without encryption");
    check(holds(&message, TEXT), "the text is readable");
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, message.signature}, {message.length, SECBUFFER_DATA, message.text}};
    SecBufferDesc description = describe(buffers, 2);
    expect(VerifySignature(&pair->server, &description, 0, NULL), SEC_E_OK, "and signed");
    check(pair_talks(pair), "the streams of both sides agree afterwards");
}

static void bad_qop(struct pair *pair)
{
    static const uint32_t qops[] = {1, 2, 0x80000000u, 0x40000001u, 0xFFFFFFFFu};
    struct message message;
    for (int i = 0; i < 5; i++) {
        expect(seal(&pair->client, qops[i], &message, TEXT, TEXT_LENGTH), SEC_E_QOP_NOT_SUPPORTED, "QOP 0x%X", qops[i]);
        check(holds(&message, TEXT), "QOP 0x%X: the text stays", qops[i]);
        SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, message.signature}, {message.length, SECBUFFER_DATA, message.text}};
        SecBufferDesc description = describe(buffers, 2);
        expect(MakeSignature(&pair->client, qops[i], &description, 0), SEC_E_QOP_NOT_SUPPORTED, "sign, QOP 0x%X", qops[i]);
    }
    check(pair_talks(pair), "bad QOPs cost nothing");
}

/* One buffer with the whole wrap token, and one that is made to point into it. */
static void stream(struct pair *pair)
{
    for (int data_first = 0; data_first < 2; data_first++) {
        struct message message;
        unsigned char token[16 + TEXT_LENGTH];
        seal(&pair->client, 0, &message, TEXT, TEXT_LENGTH);
        memcpy(token, message.signature, 16);
        memcpy(token + 16, message.text, TEXT_LENGTH);
        SecBuffer buffers[2];
        SecBuffer *whole = &buffers[data_first], *data = &buffers[!data_first];
        *whole = (SecBuffer){sizeof token, SECBUFFER_STREAM, token};
        *data = (SecBuffer){0, SECBUFFER_DATA, NULL};
        SecBufferDesc description = describe(buffers, 2);
        uint32_t qop = 9;
        if (!expect(DecryptMessage(&pair->server, &description, 0, &qop), SEC_E_OK, "stream"))
            return;
        check(data->pvBuffer == token + 16 && data->cbBuffer == TEXT_LENGTH, "DATA points into the stream");
        check(memcmp(token + 16, TEXT, TEXT_LENGTH) == 0 && qop == 0, "the text is there");
        check(whole->pvBuffer == token && whole->cbBuffer == sizeof token, "STREAM is as it was");
    }
    for (uint32_t length = 0; length < 16; length++) {
        unsigned char token[16] = {1};
        SecBuffer buffers[2] = {{length, SECBUFFER_STREAM, token}, {0, SECBUFFER_DATA, NULL}};
        SecBufferDesc description = describe(buffers, 2);
        check(is_error(DecryptMessage(&pair->server, &description, 0, NULL)), "a stream of %u bytes", length);
        check(buffers[1].pvBuffer == NULL, "a stream of %u bytes gives nothing", length);
    }
    check(pair_talks(pair), "streams leave the pair in step");
}

/* Room for the signature: less is refused, more shrinks. */
static void token_room(struct pair *pair)
{
    unsigned char signature[64], text[] = TEXT;
    for (uint32_t room = 0; room < 64; room++) {
        SecBuffer buffers[2] = {{room, SECBUFFER_TOKEN, signature}, {TEXT_LENGTH, SECBUFFER_DATA, text}};
        SecBufferDesc message = describe(buffers, 2);
        if (room < 16) {
            expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL, "seal, %u for a signature", room);
            check(memcmp(text, TEXT, TEXT_LENGTH) == 0, "%u for a signature: the text stays", room);
            expect(MakeSignature(&pair->client, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL, "sign, %u for a signature", room);
            check(is_error(DecryptMessage(&pair->client, &message, 0, NULL)), "open, a signature of %u bytes", room);
            check(is_error(VerifySignature(&pair->client, &message, 0, NULL)), "verify, a signature of %u bytes", room);
            check(memcmp(text, TEXT, TEXT_LENGTH) == 0 || text[0] == 0, "no noise is left in the text");
            memcpy(text, TEXT, TEXT_LENGTH);
            continue;
        }
        expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_OK, "seal, %u for a signature", room);
        check(buffers[0].cbBuffer == 16, "%u for a signature: it has 16", room);
        expect(DecryptMessage(&pair->server, &message, 0, NULL), SEC_E_OK, "open");
    }
    check(pair_talks(pair), "the room of the signature does not matter");
}

/* Descriptors that lack something. */
static void missing_buffers(struct pair *pair)
{
    unsigned char signature[16], text[] = TEXT;
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {TEXT_LENGTH, SECBUFFER_DATA, text}};
    SecBufferDesc only_token = describe(buffers, 1), only_data = describe(buffers + 1, 1), none = describe(buffers, 0);
    expect(EncryptMessage(&pair->client, 0, &only_data, 0), SEC_E_INVALID_TOKEN, "seal without TOKEN");
    expect(MakeSignature(&pair->client, 0, &only_data, 0), SEC_E_INVALID_TOKEN, "sign without TOKEN");
    expect(DecryptMessage(&pair->client, &only_data, 0, NULL), SEC_E_INVALID_TOKEN, "open without TOKEN");
    expect(VerifySignature(&pair->client, &only_data, 0, NULL), SEC_E_INVALID_TOKEN, "verify without TOKEN");
    expect(EncryptMessage(&pair->client, 0, &only_token, 0), SEC_E_INVALID_TOKEN, "seal without DATA");
    expect(EncryptMessage(&pair->client, 0, &none, 0), SEC_E_INVALID_TOKEN, "seal nothing");
    check(is_error(EncryptMessage(&pair->client, 0, NULL, 0)), "seal NULL");
    check(is_error(DecryptMessage(&pair->client, NULL, 0, NULL)), "open NULL");
    buffers[1].pvBuffer = NULL;
    SecBufferDesc null_data = describe(buffers, 2);
    check(is_error(EncryptMessage(&pair->client, 0, &null_data, 0)), "seal DATA at NULL");
    buffers[1].pvBuffer = text;
    buffers[0].pvBuffer = NULL;
    check(is_error(EncryptMessage(&pair->client, 0, &null_data, 0)), "seal with TOKEN at NULL");
    check(memcmp(text, TEXT, TEXT_LENGTH) == 0, "the text stays through all of it");
    check(pair_talks(pair), "nothing was lost");
}

/* Every bit of a message counts, and a failure costs nothing. */
static void altered(struct pair *pair)
{
    struct message message, changed;
    seal(&pair->client, 0, &message, TEXT, TEXT_LENGTH);
    uint32_t bits = (16 + TEXT_LENGTH) * 8;
    for (uint32_t bit = 0; bit < bits; bit++) {
        changed = message;
        unsigned char *byte = bit < 128 ? &changed.signature[bit / 8] : &changed.text[bit / 8 - 16];
        *byte ^= (unsigned char)(1u << bit % 8);
        struct message given = changed;
        unsigned char zeros[sizeof given.text] = {0};
        expect(open_message(&pair->server, &changed, NULL), SEC_E_MESSAGE_ALTERED, "bit %u changed", bit);
        check(memcmp(changed.text, given.text, TEXT_LENGTH) == 0 || memcmp(changed.text, zeros, TEXT_LENGTH) == 0,
              "bit %u: no plaintext is left", bit);
    }
    changed = message;
    changed.length--;
    expect(open_message(&pair->server, &changed, NULL), SEC_E_MESSAGE_ALTERED, "one byte less");
    expect(open_message(&pair->client, &message, NULL), SEC_E_MESSAGE_ALTERED, "its own sender");
}

static void altered_then_good(struct pair *pair)
{
    struct message message, changed, second;
    seal(&pair->client, 0, &message, TEXT, TEXT_LENGTH);
    seal(&pair->client, 0, &second, "second", 6);
    for (int i = 0; i < 20; i++) {
        changed = message;
        changed.signature[4 + i % 8] ^= 0x10;
        expect(open_message(&pair->server, &changed, NULL), SEC_E_MESSAGE_ALTERED, "changed signature");
    }
    changed = second;
    expect(open_message(&pair->server, &changed, NULL), SEC_E_MESSAGE_ALTERED, "the second before the first");
    changed = message;
    expect(open_message(&pair->server, &changed, NULL), SEC_E_OK, "the first after all");
    check(holds(&changed, TEXT), "the first is what it was");
    changed = message;
    expect(open_message(&pair->server, &changed, NULL), SEC_E_MESSAGE_ALTERED, "the first once more");
    expect(open_message(&pair->server, &second, NULL), SEC_E_OK, "the second in its turn");
    check(holds(&second, "second"), "the second is what it was");
    check(pair_talks(pair), "the pair is in step");
}

/* A signature is no seal, and the other direction has other keys. */
static void confusion(struct pair *pair)
{
    unsigned char signature[16], text[] = TEXT;
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {TEXT_LENGTH, SECBUFFER_DATA, text}};
    SecBufferDesc message = describe(buffers, 2);
    MakeSignature(&pair->client, 0, &message, 0);
    expect(VerifySignature(&pair->client, &message, 0, NULL), SEC_E_MESSAGE_ALTERED, "its own signature");
    text[0] ^= 1;
    expect(VerifySignature(&pair->server, &message, 0, NULL), SEC_E_MESSAGE_ALTERED, "a changed text");
    text[0] ^= 1;
    signature[0] = 2;
    expect(VerifySignature(&pair->server, &message, 0, NULL), SEC_E_MESSAGE_ALTERED, "another version");
    signature[0] = 1;
    expect(VerifySignature(&pair->server, &message, 0, NULL), SEC_E_OK, "as it was");
    check(pair_talks(pair), "the pair is in step after signatures");
}

static void other_names(struct pair *pair)
{
    unsigned char signature[16], text[] = TEXT;
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {TEXT_LENGTH, SECBUFFER_DATA, text}};
    SecBufferDesc message = describe(buffers, 2);
    expect(SealMessage(&pair->server, 0, &message, 0), SEC_E_OK, "SealMessage");
    expect(UnsealMessage(&pair->client, &message, 0, NULL), SEC_E_OK, "UnsealMessage");
    check(memcmp(text, TEXT, TEXT_LENGTH) == 0, "the text is back");
}

int main(void)
{
    static void (*const tests[])(struct pair *) = {
        sizes, orders, several_data, read_only, without_encryption, bad_qop, stream, token_room,
        missing_buffers, altered, altered_then_good, confusion, other_names,
    };
    use_accounts(ACCOUNTS);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct pair pair;
        pair_open(&pair, CLIENT_FLAGS, 0);
        tests[i](&pair);
        pair_close(&pair);
    }
    return test_summary();
}
