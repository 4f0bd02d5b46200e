/* Wine's tests of secur32 as one program: its test.h brings main(), and here is the list it wants. */
#include <windows.h>

#define STANDALONE
#include "wine/test.h"

void func_main(void);
void func_ntlm(void);
void func_negotiate(void);
void func_secur32(void);

const struct test winetest_testlist[] = {
    {"main", func_main},
    {"ntlm", func_ntlm},
    {"negotiate", func_negotiate},
    {"secur32", func_secur32},
    {0, 0},
};

/* What wine/debug.h calls; the tests print with it. */
const char *__wine_dbg_strdup(const char *text)
{
    static char copies[16][512];
    static unsigned next;
    char *copy = copies[next++ % 16];
    lstrcpynA(copy, text, sizeof copies[0]);
    return copy;
}
