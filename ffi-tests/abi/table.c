/*
 * The function tables: every slot filled, every slot ours, whoever else exports the same names.
 *
 *     table LIBRARY [OTHER]      loads OTHER first, for all to see, when it is given
 *
 * Exit code 77: OTHER is not there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sspi.h"

#define SLOTS 32

static int failures;

static void check(int holds, const char *what, size_t slot)
{
    if (!holds) {
        fprintf(stderr, "slot at %zu: %s\n", slot * sizeof(void *), what);
        failures++;
    }
}

/* The file that a function lies in, followed through links. */
static int lies_in(void *function, const char *library)
{
    Dl_info info;
    char *real;
    int same;

    if (dladdr(function, &info) == 0) {
        return 0;
    }
    real = realpath(info.dli_fname, NULL);
    same = real != NULL && strcmp(real, library) == 0;
    free(real);
    return same;
}

static void check_table(void *handle, const char *library, const char *entry_point)
{
    void *(*init)(void);
    void *slots[SLOTS];
    uint32_t version;
    void *table, *symbol;
    size_t i;

    symbol = dlsym(handle, entry_point);
    check(symbol != NULL && lies_in(symbol, library), entry_point, 0);
    if (symbol == NULL) {
        return;
    }
    memcpy(&init, &symbol, sizeof init);
    table = init();
    check(table != NULL && table == init(), "the table is one and the same", 0);
    if (table == NULL) {
        return;
    }
    memcpy(slots, table, sizeof slots);
    memcpy(&version, table, sizeof version);
    check(version == SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION, "dwVersion", 0);
    for (i = 1; i < SLOTS; i++) {
        if (i == offsetof(SecurityFunctionTableW, Reserved2) / sizeof(void *)
            || i == offsetof(SecurityFunctionTableW, Reserved8) / sizeof(void *)) {
            check(slots[i] == NULL, "reserved, but not NULL", i);
        } else {
            check(slots[i] != NULL, "NULL", i);
            check(slots[i] == NULL || lies_in(slots[i], library), "in another library", i);
        }
    }
    check(((SecurityFunctionTableW *)table)->Reserved3 == dlsym(handle, "EncryptMessage"), "not EncryptMessage",
          offsetof(SecurityFunctionTableW, Reserved3) / sizeof(void *));
    check(((SecurityFunctionTableW *)table)->Reserved4 == dlsym(handle, "DecryptMessage"), "not DecryptMessage",
          offsetof(SecurityFunctionTableW, Reserved4) / sizeof(void *));
}

/* WinPR's entry points take flags, and give the same tables. */
static void check_extended(void *handle, const char *entry_point, const char *extended)
{
    void *(*init)(void);
    void *(*init_ex)(uint32_t);
    void *symbol = dlsym(handle, entry_point);
    void *symbol_ex = dlsym(handle, extended);

    check(symbol_ex != NULL, extended, 0);
    if (symbol != NULL && symbol_ex != NULL) {
        memcpy(&init, &symbol, sizeof init);
        memcpy(&init_ex, &symbol_ex, sizeof init_ex);
        check(init_ex(0) == init() && init_ex(1) == init(), extended, 0);
    }
}

int main(int argc, char **argv)
{
    char *library = argc > 1 ? realpath(argv[1], NULL) : NULL;
    void *handle;

    if (argc > 2 && dlopen(argv[2], RTLD_NOW | RTLD_GLOBAL) == NULL) {
        return 77;
    }
    if (library == NULL || (handle = dlopen(library, RTLD_NOW | RTLD_LOCAL)) == NULL) {
        fprintf(stderr, "%s\n", library == NULL ? "table LIBRARY [OTHER]" : dlerror());
        return 1;
    }
    check_table(handle, library, "InitSecurityInterfaceA");
    check_table(handle, library, "InitSecurityInterfaceW");
    check_extended(handle, "InitSecurityInterfaceA", "InitSecurityInterfaceExA");
    check_extended(handle, "InitSecurityInterfaceW", "InitSecurityInterfaceExW");
    dlclose(handle);
    check(dlopen(library, RTLD_NOW | RTLD_NOLOAD) != NULL, "unloaded by dlclose", 0);
    free(library);
    return failures == 0 ? 0 : 1;
}
