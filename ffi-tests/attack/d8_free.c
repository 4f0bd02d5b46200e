/* D8: FreeContextBuffer of what is not the library's. */
#include "pair.h"

static void refused(void *pointer, const char *what)
{
    expect(FreeContextBuffer(pointer), SEC_E_INVALID_HANDLE, "%s", what);
}

static void foreign(void)
{
    static unsigned char fixed[64];
    unsigned char stack[64] = "on the stack";
    unsigned char *heap = calloc(1, 64);
    refused(stack, "the stack");
    refused(fixed, "static memory");
    refused(heap, "the heap of the caller");
    refused(heap + 8, "inside the heap of the caller");
    refused((void *)"text", "a literal");
    refused((void *)(uintptr_t)1, "1");
    refused((void *)(uintptr_t)-1, "-1");
    refused((void *)(uintptr_t)0x1000, "a low address");
    refused((void *)(uintptr_t)0xFFFF800000000000u, "the kernel's");
    refused((void *)(uintptr_t)InitSecurityInterfaceA(), "the function table");
    void *code;
    SECURITY_STATUS (*function)(void *) = FreeContextBuffer;
    memcpy(&code, &function, sizeof code);
    refused(code, "code of the library");
    check(strcmp((char *)stack, "on the stack") == 0, "the stack is as it was");
    free(heap);
    expect(FreeContextBuffer(NULL), SEC_E_OK, "NULL");
}

static void twice_and_inside(void)
{
    PSecPkgInfoA info = NULL;
    QuerySecurityPackageInfoA("NTLM", &info);
    for (size_t i = 1; i < sizeof *info; i++)
        refused((char *)info + i, "inside a block");
    refused(info->Name, "a string of a block");
    check(strcmp(info->Name, "NTLM") == 0, "the block is whole");
    expect(FreeContextBuffer(info), SEC_E_OK, "the block itself");
    refused(info, "the block again");
    refused(info, "and again");
}

static void functions_without_a_status(void)
{
    unsigned char stack[64] = "on the stack";
    void *heap = calloc(1, 64);
    SspiLocalFree(stack);
    SspiLocalFree(heap);
    SspiLocalFree(NULL);
    SspiFreeAuthIdentity(NULL);
    SspiFreeAuthIdentity(heap);
    check(strcmp((char *)stack, "on the stack") == 0, "foreign memory is left alone");
    free(heap);
}

/* Many blocks at once, freed in another order than made. */
static void many(void)
{
    enum { COUNT = 5000 };
    static PSecPkgInfoA blocks[COUNT];
    int good = 0;
    for (int i = 0; i < COUNT; i++)
        good += QuerySecurityPackageInfoA("NTLM", &blocks[i]) == SEC_E_OK;
    for (int i = 0; i < COUNT; i++)
        good += FreeContextBuffer(blocks[(i * 7919) % COUNT]) == SEC_E_OK;
    check(good == 2 * COUNT, "%d of %d blocks", good, 2 * COUNT);
    for (int i = 0; i < COUNT; i++)
        good -= FreeContextBuffer(blocks[i]) == SEC_E_INVALID_HANDLE;
    check(good == COUNT, "none is freed twice");
}

int main(void)
{
    foreign();
    twice_and_inside();
    functions_without_a_status();
    many();
    struct pair pair;
    use_accounts(ACCOUNTS);
    pair_open(&pair, CLIENT_FLAGS, 0);
    check(pair_talks(&pair), "the library works as before");
    pair_close(&pair);
    return test_summary();
}
