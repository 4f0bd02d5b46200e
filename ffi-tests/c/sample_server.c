/* A server that authenticates one client over TCP and exchanges sealed messages.
 *
 *     NTLM_USER_FILE=accounts sample_server [PACKAGE]
 *
 * It prints the port that it listens on.
 */
#include "sample.h"

static void print_protections(uint32_t flags)
{
    printf("protections:");
    if (flags & ASC_RET_CONFIDENTIALITY)
        printf(" confidentiality");
    if (flags & ASC_RET_INTEGRITY)
        printf(" integrity");
    if (flags & ASC_RET_REPLAY_DETECT)
        printf(" replay-detect");
    if (flags & ASC_RET_SEQUENCE_DETECT)
        printf(" sequence-detect");
    if (flags & ASC_RET_MUTUAL_AUTH)
        printf(" mutual-auth");
    printf("\n");
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 0};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 1) != 0
        || getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        perror("listen");
        return -1;
    }
    printf("listening on port %u\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* Runs the handshake; its last status. */
static SECURITY_STATUS authenticate(int fd, CredHandle *credential, CtxtHandle *context, uint32_t limit)
{
    unsigned char *in = malloc(limit), *out = malloc(limit);
    uint32_t in_length;
    /* The variable of the request is the one of the answer, as many servers have it. */
    uint32_t flags = 0;
    int begun = 0;
    TimeStamp expiry;
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;
    if (in == NULL || out == NULL)
        goto done;

    do {
        status = SEC_E_INCOMPLETE_MESSAGE;
        if (!receive_message(fd, in, limit, &in_length))
            break;
        SecBuffer in_buffer = {in_length, SECBUFFER_TOKEN, in};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in_buffer};
        SecBuffer out_buffer = {limit, SECBUFFER_TOKEN, out};
        SecBufferDesc output = {SECBUFFER_VERSION, 1, &out_buffer};
        status = AcceptSecurityContext(
            credential, begun ? context : NULL, &input, flags, SECURITY_NATIVE_DREP,
            context, &output, &flags, &expiry);
        if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED)
            break;
        begun = 1;
        if (out_buffer.cbBuffer != 0 && !send_message(fd, out, out_buffer.cbBuffer)) {
            status = SEC_E_INCOMPLETE_MESSAGE;
            break;
        }
    } while (status == SEC_I_CONTINUE_NEEDED);
    report("AcceptSecurityContext", status);
    if (status == SEC_E_OK)
        print_protections(flags);
done:
    free(in);
    free(out);
    return status;
}

/* What a server does in its client's name goes between the two calls. */
static int act_as_the_client(CtxtHandle *context)
{
    SECURITY_STATUS status = ImpersonateSecurityContext(context);
    if (status != SEC_E_OK) {
        report("ImpersonateSecurityContext", status);
        return 0;
    }
    unsigned user = (unsigned)geteuid();
    status = RevertSecurityContext(context);
    if (status != SEC_E_OK) {
        report("RevertSecurityContext", status);
        return 0;
    }
    printf("acted for the client as user id %u, now again as %u\n", user, (unsigned)geteuid());
    return 1;
}

static int serve(int fd, CredHandle *credential, uint32_t limit)
{
    CtxtHandle context;
    SecPkgContext_Sizes sizes;
    int result = EXIT_TROUBLE;
    SecInvalidateHandle(&context);

    SECURITY_STATUS status = authenticate(fd, credential, &context, limit);
    if (status == SEC_E_LOGON_DENIED)
        result = EXIT_REFUSED;
    if (status == SEC_E_OK && describe(&context, "authenticated", &sizes)
        && act_as_the_client(&context)
        && send_sealed(fd, &context, &sizes, "Welcome. This line is sealed.")
        && receive_sealed(fd, &context))
        result = EXIT_GOOD;

    if (SecIsValidHandle(&context))
        DeleteSecurityContext(&context);
    return result;
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    char *package = argc > 1 ? argv[1] : "NTLM";
    uint32_t limit = token_limit(package);
    if (limit == 0)
        return EXIT_TROUBLE;
    CredHandle credential;
    TimeStamp expiry;
    SECURITY_STATUS status = AcquireCredentialsHandleA(
        NULL, package, SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL, &credential, &expiry);
    if (status != SEC_E_OK) {
        report("AcquireCredentialsHandle", status);
        return EXIT_TROUBLE;
    }
    int result = EXIT_TROUBLE;
    int listener = start_network() ? listen_on_loopback() : -1;
    int fd = listener < 0 ? -1 : accept(listener, NULL, NULL);
    if (fd >= 0) {
        result = serve(fd, &credential, limit);
        close(fd);
    }
    if (listener >= 0)
        close(listener);
    FreeCredentialsHandle(&credential);
    return result;
}
