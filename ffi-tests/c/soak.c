/* 100,000 full logons with messages: memory stays flat and nothing is left behind. */
#include "pair.h"

#include <time.h>

#define ROUNDS 100000

#ifdef _WIN32
#include <psapi.h>

static long resident_kib(void)
{
    PROCESS_MEMORY_COUNTERS memory = {.cb = sizeof memory};
    return K32GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory) ? (long)(memory.WorkingSetSize / 1024) : 0;
}
#else
static long resident_kib(void)
{
    long pages = 0, resident = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm == NULL || fscanf(statm, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    if (statm != NULL)
        fclose(statm);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}
#endif

/* One logon; every tenth has a wrong password, every seventh is given up half-way. */
static int once(struct pair *pair, CredHandle *wrong, int round)
{
    struct pair run = *pair;
    SecInvalidateHandle(&run.client);
    SecInvalidateHandle(&run.server);
    int good;
    if (round % 7 == 3) {
        good = initiate(&run.client_credential, NULL, CLIENT_FLAGS, NULL, &run.client, &run.negotiate,
                        &run.client_flags) == SEC_I_CONTINUE_NEEDED
            && respond(&run.server_credential, NULL, 0, &run.negotiate, &run.server, &run.challenge,
                       &run.server_flags) == SEC_I_CONTINUE_NEEDED;
    } else if (round % 10 == 9) {
        run.client_credential = *wrong;
        good = shake_hands(&run, CLIENT_FLAGS, 0) == SEC_E_LOGON_DENIED;
    } else {
        good = shake_hands(&run, CLIENT_FLAGS, 0) == SEC_E_OK && pair_talks(&run);
        SecPkgContext_NamesA names;
        good = good && QueryContextAttributesA(&run.server, SECPKG_ATTR_NAMES, &names) == SEC_E_OK
            && FreeContextBuffer(names.sUserName) == SEC_E_OK;
    }
    return good && DeleteSecurityContext(&run.client) == SEC_E_OK && DeleteSecurityContext(&run.server) == SEC_E_OK;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS, good = 0;
    struct pair pair;
    CredHandle wrong;
    struct timespec begin, end;
    use_accounts(ACCOUNTS);
    pair_credentials(&pair);
    acquire_client("DOMAIN", "user", "not that", &wrong);
    clock_gettime(CLOCK_MONOTONIC, &begin);

    long warm = 0;
    for (int round = 0; round < rounds; round++) {
        good += once(&pair, &wrong, round);
        if (round == rounds / 10)
            warm = resident_kib();
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    long growth = resident_kib() - warm;
    double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("%d rounds in %.1f s, resident memory %ld KiB after warm-up, then %+ld KiB\n", rounds, seconds, warm, growth);
    check(good == rounds, "%d of %d rounds were right", good, rounds);
    check(growth < 1024, "memory grew by %ld KiB", growth);
    FreeCredentialsHandle(&wrong);
    pair_close(&pair);
    return test_summary();
}
