/* D12: messages near 4 GiB, in memory that is mapped but hardly there. */
#include "pair.h"

#include <sys/mman.h>

#define HUGE_LENGTH 0xFFFFFFFFu

static void huge(struct pair *pair)
{
    /* Read-only pages of nothing: one zero page stands for all of them. */
    unsigned char *nothing = mmap(NULL, (size_t)HUGE_LENGTH + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    unsigned char signature[16], text[16] = "sixteen letters";
    if (nothing == MAP_FAILED) {
        skip("no address space for 4 GiB");
        return;
    }
    SecBuffer buffers[3] = {{16, SECBUFFER_TOKEN, signature},
                            {HUGE_LENGTH, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, nothing},
                            {16, SECBUFFER_DATA, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 3, buffers};
    /* One pass over so much takes its time; the way back has the same sizes. */
    expect(EncryptMessage(&pair->client, 0, &message, 0), SEC_E_OK, "4 GiB that are signed, and 16 bytes that are sealed");
    check(buffers[0].cbBuffer == 16 && memcmp(text, "sixteen letters", 16) != 0, "the text is sealed");
    /* Sizes whose sum does not fit into 32 bits, with a signature too short to be looked at. */
    memcpy(text, "sixteen letters", 16);
    buffers[0].cbBuffer = 3;
    buffers[2] = (SecBuffer){HUGE_LENGTH, SECBUFFER_DATA | SECBUFFER_READONLY, nothing};
    check(is_error(EncryptMessage(&pair->client, 0, &message, 0)), "8 GiB and no room for a signature");
    munmap(nothing, (size_t)HUGE_LENGTH + 1);
}

/* Tokens of absurd length: refused without being copied. */
static void huge_tokens(struct pair *pair)
{
    unsigned char *nothing = mmap(NULL, (size_t)HUGE_LENGTH + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (nothing == MAP_FAILED) {
        skip("no address space for 4 GiB");
        return;
    }
    static const uint32_t lengths[] = {0x10000, 0x100000, 0x7FFFFFFF, 0x80000000u, 0xFFFFFFF0u, 0xFFFFFFFFu};
    for (int i = 0; i < 6; i++) {
        struct token answer;
        CtxtHandle context = {5, 6};
        uint32_t granted;
        SecBuffer in = {lengths[i], SECBUFFER_TOKEN, nothing}, out = {sizeof answer.bytes, SECBUFFER_TOKEN, answer.bytes};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
        expect(AcceptSecurityContext(&pair->server_credential, NULL, &input, 0, 0, &context, &output, &granted, NULL),
               SEC_E_INVALID_TOKEN, "a token of %u bytes", lengths[i]);
        check(context.dwLower == 5, "a token of %u bytes makes no context", lengths[i]);
        SecBuffer buffers[2] = {{lengths[i], SECBUFFER_STREAM, nothing}, {0, SECBUFFER_DATA, NULL}};
        if (i >= 2)
            continue;
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
        /* A stream is opened in place; noise is never written to. */
        buffers[0].pvBuffer = calloc(1, lengths[i]);
        check(is_error(DecryptMessage(&pair->server, &message, 0, NULL)), "a stream of %u zeros", lengths[i]);
        free(buffers[0].pvBuffer);
    }
    munmap(nothing, (size_t)HUGE_LENGTH + 1);
}

int main(void)
{
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    huge(&pair);
    huge_tokens(&pair);
    check(can_talk(&pair.server, &pair.client), "the other direction talks after all of it");
    pair_close(&pair);
    return test_summary();
}
