/* D9: fork, dlclose and dlopen, exit handlers, signals. */
#include "pair.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/time.h>

static struct pair at_exit_pair;

/* A child with one thread may go on with what its parent had; a random stream is not shared. */
static void forked(void)
{
    struct pair pair;
    unsigned char mine[8], childs[8];
    int pipes[2];
    pair_open(&pair, CLIENT_FLAGS, 0);
    check(pipe(pipes) == 0, "a pipe");
    pid_t child = fork();
    if (child == 0) {
        struct pair own;
        test_failed = 0;
        if (!pair_talks(&pair))
            _exit(1);
        pair_open(&own, CLIENT_FLAGS, 0);
        int good = pair_talks(&own) && write(pipes[1], own.challenge.bytes + 24, 8) == 8;
        pair_close(&own);
        pair_close(&pair);
        _exit(good && test_failed == 0 ? 0 : 2);
    }
    struct pair own;
    pair_open(&own, CLIENT_FLAGS, 0);
    memcpy(mine, own.challenge.bytes + 24, 8);
    pair_close(&own);
    int status = 0;
    waitpid(child, &status, 0);
    check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child works: 0x%X", (unsigned)status);
    check(read(pipes[0], childs, 8) == 8 && memcmp(mine, childs, 8) != 0, "parent and child make other challenges");
    check(pair_talks(&pair), "the parent's pair talks");
    pair_close(&pair);
    close(pipes[0]);
    close(pipes[1]);
}

/* The library stays where it is, whatever is closed. */
static void closed_and_opened(void)
{
    Dl_info info;
    struct pair pair;
    pair_open(&pair, CLIENT_FLAGS, 0);
    void *symbol = dlsym(RTLD_DEFAULT, "InitSecurityInterfaceA");
    check(symbol != NULL && dladdr(symbol, &info) != 0, "the library's file");
    for (int i = 0; i < 200; i++) {
        void *handle = dlopen(info.dli_fname, RTLD_NOW | RTLD_LOCAL);
        if (!check(handle != NULL && dlsym(handle, "InitSecurityInterfaceA") == symbol, "opened again, at the same place"))
            break;
        dlclose(handle);
    }
    check(pair_talks(&pair), "the pair talks after all closing");
    pair_close(&pair);
}

static volatile sig_atomic_t ticks;

static void tick(int number)
{
    (void)number;
    ticks++;
}

/* Signals that interrupt calls change nothing. */
static void interrupted(void)
{
    struct sigaction action = {.sa_handler = tick};
    struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 200; i++) {
        struct pair pair;
        pair_open(&pair, CLIENT_FLAGS, 0);
        check(pair_talks(&pair), "a pair talks under signals");
        pair_close(&pair);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    check(ticks > 0, "there were signals");
}

static void at_exit(void)
{
    /* The summary is out already: a failure here shows in the exit code. */
    if (!pair_talks(&at_exit_pair) || DeleteSecurityContext(&at_exit_pair.client) != SEC_E_OK)
        _exit(3);
    pair_close(&at_exit_pair);
}

int main(void)
{
    use_accounts(ACCOUNTS);
    forked();
    closed_and_opened();
    interrupted();
    pair_open(&at_exit_pair, CLIENT_FLAGS, 0);
    atexit(at_exit);
    return test_summary();
}
