/* D3: deleting what another thread is using. */
#include "uses.h"

#include <pthread.h>
#include <stdatomic.h>

#define USERS 3
#define ROUNDS 300

static struct pair victims[2];
static atomic_int current, finished, wrong;

/* Uses whatever the current handles are; each answer is success or that there is no such handle. */
static void *user(void *argument)
{
    unsigned long number = (unsigned long)(uintptr_t)argument, count = 0;
    while (!atomic_load(&finished)) {
        struct pair copy = victims[atomic_load(&current)];
        unsigned char signature[16], text[64] = "text";
        SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {sizeof text, SECBUFFER_DATA, text}};
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
        SecPkgContext_NamesA names = {NULL};
        SECURITY_STATUS status;
        switch ((count++ + number) % 4) {
        case 0: status = EncryptMessage(&copy.client, 0, &message, 0); break;
        case 1: status = MakeSignature(&copy.server, 0, &message, 0); break;
        case 2:
            status = QueryContextAttributesA(&copy.client, SECPKG_ATTR_NAMES, &names);
            if (status == SEC_E_OK)
                FreeContextBuffer(names.sUserName);
            break;
        default:
            status = QueryCredentialsAttributesA(&copy.client_credential, SECPKG_CRED_ATTR_NAMES, &names);
            if (status == SEC_E_OK)
                FreeContextBuffer(names.sUserName);
        }
        if (status != SEC_E_OK && status != SEC_E_INVALID_HANDLE)
            atomic_fetch_add(&wrong, 1);
    }
    return NULL;
}

static void in_use(void)
{
    pthread_t threads[USERS];
    pair_open(&victims[0], CLIENT_FLAGS, 0);
    for (uintptr_t i = 0; i < USERS; i++)
        pthread_create(&threads[i], NULL, user, (void *)i);
    for (int round = 0; round < ROUNDS; round++) {
        int next = (round + 1) % 2;
        pair_open(&victims[next], CLIENT_FLAGS, 0);
        atomic_store(&current, next);
        struct pair *old = &victims[round % 2];
        expect(DeleteSecurityContext(&old->client), SEC_E_OK, "the client's context is deleted in use");
        expect(DeleteSecurityContext(&old->server), SEC_E_OK, "the server's context is deleted in use");
        expect(FreeCredentialsHandle(&old->client_credential), SEC_E_OK, "the client's credential is freed in use");
        expect(FreeCredentialsHandle(&old->server_credential), SEC_E_OK, "the server's credential is freed in use");
    }
    atomic_store(&finished, 1);
    for (int i = 0; i < USERS; i++)
        pthread_join(threads[i], NULL);
    check(atomic_load(&wrong) == 0, "%d calls got another answer than success or INVALID_HANDLE", atomic_load(&wrong));
    pair_close(&victims[ROUNDS % 2]);
}

static SecHandle contested;
static atomic_int freed, ready;

static void *deleter(void *argument)
{
    (void)argument;
    SecHandle copy = contested;
    atomic_fetch_add(&ready, 1);
    while (atomic_load(&ready) < 4)
        ;
    if (FreeCredentialsHandle(&copy) == SEC_E_OK)
        atomic_fetch_add(&freed, 1);
    return NULL;
}

/* Of many that free one credential at once, one does. */
static void contest(void)
{
    for (int round = 0; round < 50; round++) {
        pthread_t threads[4];
        acquire_client("DOMAIN", "user", "SecREt01", &contested);
        atomic_store(&freed, 0);
        atomic_store(&ready, 0);
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, deleter, NULL);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        check(atomic_load(&freed) == 1, "a credential is freed once, not %d times", atomic_load(&freed));
    }
}

/* One thread encrypts while another decrypts on the same context. */
static struct pair busy;
static atomic_int failures;

struct sealed {
    unsigned char signature[16], text[256];
};

static struct sealed to_open[400];

static void *encryptor(void *argument)
{
    (void)argument;
    for (int i = 0; i < 400; i++) {
        unsigned char signature[16], text[256] = {(unsigned char)i};
        SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, signature}, {sizeof text, SECBUFFER_DATA, text}};
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
        if (EncryptMessage(&busy.client, 0, &message, 0) != SEC_E_OK
            || DecryptMessage(&busy.server, &message, 0, NULL) != SEC_E_OK || text[0] != (unsigned char)i)
            atomic_fetch_add(&failures, 1);
    }
    return NULL;
}

static void *decryptor(void *argument)
{
    (void)argument;
    for (int i = 0; i < 400; i++) {
        SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, to_open[i].signature},
                                {sizeof to_open[i].text, SECBUFFER_DATA, to_open[i].text}};
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
        if (DecryptMessage(&busy.client, &message, 0, NULL) != SEC_E_OK || to_open[i].text[0] != (unsigned char)i)
            atomic_fetch_add(&failures, 1);
    }
    return NULL;
}

static void both_directions(void)
{
    pthread_t threads[2];
    pair_open(&busy, CLIENT_FLAGS, 0);
    for (int i = 0; i < 400; i++) {
        memset(to_open[i].text, i, sizeof to_open[i].text);
        SecBuffer buffers[2] = {{16, SECBUFFER_TOKEN, to_open[i].signature},
                                {sizeof to_open[i].text, SECBUFFER_DATA, to_open[i].text}};
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
        EncryptMessage(&busy.server, 0, &message, 0);
    }
    pthread_create(&threads[0], NULL, encryptor, NULL);
    pthread_create(&threads[1], NULL, decryptor, NULL);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    check(atomic_load(&failures) == 0, "%d messages were wrong", atomic_load(&failures));
    pair_close(&busy);
}

int main(void)
{
    use_accounts(ACCOUNTS);
    in_use();
    contest();
    both_directions();
    return test_summary();
}
