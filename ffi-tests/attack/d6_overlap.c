/* D6: buffers of one message that share memory. */
#include "pair.h"

static unsigned char memory[64], before[64];

/* Buffers that share a byte are refused before anything is written. */
static void refused(struct pair *pair, SecBuffer *buffers, uint32_t count, const char *what)
{
    SecBufferDesc message = {SECBUFFER_VERSION, count, buffers};
    memcpy(memory, before, sizeof memory);
    expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_INVALID_TOKEN, "%s: EncryptMessage", what);
    expect(MakeSignature(&pair->client, 0, &message, 0), SEC_E_INVALID_TOKEN, "%s: MakeSignature", what);
    expect(DecryptMessage(&pair->client, &message, 0, NULL), SEC_E_INVALID_TOKEN, "%s: DecryptMessage", what);
    expect(VerifySignature(&pair->client, &message, 0, NULL), SEC_E_INVALID_TOKEN, "%s: VerifySignature", what);
    check(memcmp(memory, before, sizeof memory) == 0, "%s: nothing is written", what);
}

int main(void)
{
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    for (int i = 0; i < 64; i++)
        before[i] = (unsigned char)(i + 1);
    /* Every distance at which a signature of 16 bytes meets data of 20. */
    for (int at = 5; at < 40; at++) {
        SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, memory + at}, {20, SECBUFFER_DATA, memory + 20}};
        refused(&pair, buffers, 2, "a signature inside the data");
    }
    SecBuffer same[3] = {{16, SECBUFFER_TOKEN, memory + 40}, {8, SECBUFFER_DATA, memory}, {8, SECBUFFER_DATA, memory}};
    refused(&pair, same, 3, "the same data twice");
    same[2].pvBuffer = memory + 7;
    refused(&pair, same, 3, "data that share one byte");
    same[2].BufferType = SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM;
    refused(&pair, same, 3, "sealed and read-only data that share one byte");
    same[2].pvBuffer = (void *)(uintptr_t)-4;
    same[2].BufferType = SECBUFFER_DATA;
    refused(&pair, same, 3, "data that wrap around the end of memory");

    /* Neighbours share nothing, and nothing is inside everything. */
    SecBuffer near[4] = {{16, SECBUFFER_TOKEN, memory}, {8, SECBUFFER_DATA, memory + 16}, {8, SECBUFFER_DATA, memory + 24},
                         {0, SECBUFFER_DATA, memory + 20}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, near};
    memcpy(memory, before, sizeof memory);
    expect(EncryptMessage(&pair.client, 0, &message, 0), SEC_E_OK, "neighbours");
    check(memcmp(memory + 32, before + 32, 32) == 0, "nothing is written behind");
    expect(DecryptMessage(&pair.server, &message, 0, NULL), SEC_E_OK, "neighbours, back");
    check(memcmp(memory + 16, before + 16, 16) == 0, "the text is back");
    check(pair_talks(&pair), "the pair talks");
    pair_close(&pair);
    return test_summary();
}
