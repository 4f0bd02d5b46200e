/* 64 threads that make, use and delete shared contexts: every answer is a right one. */
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define THREADS 64
#define SHARED 32

/* Handles that all threads share; replaced under a lock of their own, used without one. */
static struct slot {
    pthread_mutex_t lock;
    struct pair pair;
} slots[SHARED];

static CredHandle client_credential, server_credential;
static atomic_ulong operations, wrong;
static atomic_int stop;

static unsigned long next_random(unsigned long *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static void judge(SECURITY_STATUS status, int is_allowed_to_be_gone)
{
    atomic_fetch_add_explicit(&operations, 1, memory_order_relaxed);
    if (status != SEC_E_OK && !(is_allowed_to_be_gone && status == SEC_E_INVALID_HANDLE))
        atomic_fetch_add(&wrong, 1);
}

static int make(struct pair *pair)
{
    memset(pair, 0, sizeof *pair);
    pair->client_credential = client_credential;
    pair->server_credential = server_credential;
    return shake_hands(pair, CLIENT_FLAGS, 0) == SEC_E_OK;
}

static void replace(struct slot *slot)
{
    struct pair fresh, old;
    if (!make(&fresh)) {
        atomic_fetch_add(&wrong, 1);
        return;
    }
    pthread_mutex_lock(&slot->lock);
    old = slot->pair;
    slot->pair = fresh;
    pthread_mutex_unlock(&slot->lock);
    judge(DeleteSecurityContext(&old.client), 0);
    judge(DeleteSecurityContext(&old.server), 0);
}

static void use(struct slot *slot, unsigned long choice)
{
    pthread_mutex_lock(&slot->lock);
    CtxtHandle client = slot->pair.client, server = slot->pair.server;
    pthread_mutex_unlock(&slot->lock);
    unsigned char signature[16], text[100] = "text";
    SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {sizeof text, SECBUFFER_DATA, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    SecPkgContext_NamesA names = {NULL};
    switch (choice % 4) {
    case 0: judge(EncryptMessage(&client, 0, &message, 0), 1); break;
    case 1: judge(MakeSignature(&server, 0, &message, 0), 1); break;
    case 2:
        judge(QueryContextAttributesA(&server, SECPKG_ATTR_NAMES, &names), 1);
        if (names.sUserName != NULL && strcmp(names.sUserName, "DOMAIN\\user") != 0)
            atomic_fetch_add(&wrong, 1);
        judge(FreeContextBuffer(names.sUserName), 0);
        break;
    default: {
        /* Noise never opens, whoever else is using the context. */
        SECURITY_STATUS status = DecryptMessage(&client, &message, 0, NULL);
        judge(status == SEC_E_MESSAGE_ALTERED ? SEC_E_OK : status, 1);
    }
    }
}

/* A pair that only this thread has behaves as if there were no other threads. */
static void own(void)
{
    struct pair pair;
    if (!make(&pair) || !pair_talks(&pair))
        atomic_fetch_add(&wrong, 1);
    judge(DeleteSecurityContext(&pair.client), 0);
    judge(DeleteSecurityContext(&pair.server), 0);
}

static void own_credential(void)
{
    CredHandle credential;
    SecPkgCredentials_NamesA names = {NULL};
    judge(acquire_client("DOMAIN", "user", "SecREt01", &credential), 0);
    judge(QueryCredentialsAttributesA(&credential, SECPKG_CRED_ATTR_NAMES, &names), 0);
    judge(FreeContextBuffer(names.sUserName), 0);
    judge(FreeCredentialsHandle(&credential), 0);
    if (FreeCredentialsHandle(&credential) != SEC_E_INVALID_HANDLE)
        atomic_fetch_add(&wrong, 1);
}

static void *work(void *argument)
{
    unsigned long state = (unsigned long)(uintptr_t)argument + 1;
    while (!atomic_load(&stop)) {
        unsigned long choice = next_random(&state);
        struct slot *slot = &slots[next_random(&state) % SHARED];
        switch (choice % 16) {
        case 0: replace(slot); break;
        case 1: own(); break;
        case 2: own_credential(); break;
        default: use(slot, choice / 16);
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    int seconds = argc > 1 ? atoi(argv[1]) : 30;
    use_accounts(ACCOUNTS);
    acquire_client("DOMAIN", "user", "SecREt01", &client_credential);
    acquire_server(&server_credential);
    for (int i = 0; i < SHARED; i++) {
        pthread_mutex_init(&slots[i].lock, NULL);
        check(make(&slots[i].pair), "shared pair %d", i);
    }
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, (void *)i);
    sleep((unsigned)seconds);
    atomic_store(&stop, 1);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SHARED; i++) {
        check(DeleteSecurityContext(&slots[i].pair.client) == SEC_E_OK, "shared client %d", i);
        check(DeleteSecurityContext(&slots[i].pair.server) == SEC_E_OK, "shared server %d", i);
    }
    FreeCredentialsHandle(&client_credential);
    FreeCredentialsHandle(&server_credential);
    printf("%lu operations of %d threads in %d s\n", atomic_load(&operations), THREADS, seconds);
    check(atomic_load(&operations) > 10000, "there were enough operations");
    check(atomic_load(&wrong) == 0, "%lu wrong answers", atomic_load(&wrong));
    return test_summary();
}
