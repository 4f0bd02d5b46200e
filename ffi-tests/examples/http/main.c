/* An HTTP server that logs its clients on with Negotiate and NTLM. See README.md. */
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVICE_LIMIT 16

struct options {
    const char *address, *port;
    const char *certificate, *key;
    const char *services[SERVICE_LIMIT];
    uint32_t service_count;
    int tls, bindings_required, patience_s, connection_limit;
};

/* A connection and its thread. */
struct place {
    /* -1: free. */
    int fd;
    /* The main thread's own: whether there is a thread to wait for. */
    int started;
    pthread_t thread;
};

/* The connections: one thread each. */
struct house {
    const struct site *site;
    pthread_mutex_t lock;
    struct place *places;
    int limit;
};

struct guest {
    struct house *house;
    struct place *place;
    int fd;
    char peer[INET6_ADDRSTRLEN + 10];
};

static const char USAGE[] =
    "usage: http_server [OPTION]...\n"
    "  --address ADDRESS       where to listen (127.0.0.1)\n"
    "  --port PORT             0 takes a free one (8080)\n"
    "  --tls                   HTTPS with a certificate made on the spot\n"
    "  --certificate FILE      HTTPS with this chain (PEM); needs --key\n"
    "  --key FILE              its key (PEM)\n"
    "  --bindings required     refuse clients that are not bound to the TLS connection\n"
    "  --service SPN           a service that clients may mean, such as HTTP/localhost; repeatable (any)\n"
    "  --patience SECONDS      how long a client may take over a request (30)\n"
    "  --connections COUNT     at most so many at once (256)\n";

/* A number of an option; the program ends when it is none. */
static int number(const char *text, int least, int most)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*text != 0 && *end == 0 && value >= least && value <= most)
        return (int)value;
    fprintf(stderr, "%s is not a number from %d to %d\n", text, least, most);
    exit(2);
}

static void wrong_usage(void)
{
    fputs(USAGE, stderr);
    exit(2);
}

static struct options read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"address", required_argument, NULL, 'a'},  {"port", required_argument, NULL, 'p'},
        {"tls", no_argument, NULL, 't'},            {"certificate", required_argument, NULL, 'c'},
        {"key", required_argument, NULL, 'k'},      {"bindings", required_argument, NULL, 'b'},
        {"service", required_argument, NULL, 's'},  {"patience", required_argument, NULL, 'w'},
        {"connections", required_argument, NULL, 'n'}, {NULL, 0, NULL, 0},
    };
    struct options options = {.address = "127.0.0.1", .port = "8080", .patience_s = 30, .connection_limit = 256};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'a': options.address = optarg; break;
        case 'p': options.port = optarg; number(optarg, 0, 65535); break;
        case 't': options.tls = 1; break;
        case 'c': options.certificate = optarg; break;
        case 'k': options.key = optarg; break;
        case 'w': options.patience_s = number(optarg, 1, 3600); break;
        case 'n': options.connection_limit = number(optarg, 1, 100000); break;
        case 'b':
            if (strcmp(optarg, "required") != 0)
                wrong_usage();
            options.bindings_required = 1;
            break;
        case 's':
            if (options.service_count == SERVICE_LIMIT)
                wrong_usage();
            options.services[options.service_count++] = optarg;
            break;
        default: wrong_usage();
        }
    }
    if (optind != argc || (options.certificate == NULL) != (options.key == NULL))
        wrong_usage();
    options.tls |= options.certificate != NULL;
    /* Without TLS there is no channel: a demand that nothing could meet, or that nothing would check. */
    if (options.bindings_required && !options.tls)
        wrong_usage();
    return options;
}

static int open_site(struct site *site, const struct options *options)
{
    site->patience_ms = options->patience_s * 1000;
    site->realm.bindings_required = options->bindings_required;
    if (!realm_open(&site->realm, options->services, options->service_count))
        return 0;
    if (!options->tls)
        return 1;
#ifdef HTTP_TLS
    char host[256] = "localhost";
    size_t length = 0;
    gethostname(host, sizeof host - 1);
    site->tls = tls_new(options->certificate, options->key, host);
    if (site->tls == NULL)
        return 0;
    const unsigned char *binding = tls_binding(site->tls, &length);
    if (length == 0 && options->bindings_required)
        return 0;
    return length == 0 || realm_bind(&site->realm, binding, length);
#else
    fprintf(stderr, "this server was built without TLS (-DHTTP_TLS, and OpenSSL)\n");
    return 0;
#endif
}

static void close_site(struct site *site)
{
#ifdef HTTP_TLS
    tls_free(site->tls);
#endif
    realm_close(&site->realm);
}

/* "127.0.0.1:40112" */
static void name_peer(const struct sockaddr *address, socklen_t length, char *name, size_t size)
{
    char host[INET6_ADDRSTRLEN], port[8];
    if (getnameinfo(address, length, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(name, size, "unknown");
    else
        snprintf(name, size, strchr(host, ':') == NULL ? "%s:%s" : "[%s]:%s", host, port);
}

static int listen_on(const struct options *options)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found;
    int problem = getaddrinfo(options->address, options->port, &hints, &found), on = 1;
    if (problem != 0) {
        fprintf(stderr, "%s: %s\n", options->address, gai_strerror(problem));
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 128) != 0) {
        fprintf(stderr, "%s, port %s: %s\n", options->address, options->port, strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static void announce(int listener, int tls)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char name[INET6_ADDRSTRLEN + 10] = "";
    if (getsockname(listener, (struct sockaddr *)&address, &length) == 0)
        name_peer((struct sockaddr *)&address, length, name, sizeof name);
    printf("listening on %s://%s/\n", tls ? "https" : "http", name);
}

/* A place for the connection; NULL when all are taken. */
static struct place *enter(struct house *house, int fd)
{
    struct place *found = NULL;
    pthread_mutex_lock(&house->lock);
    for (int i = 0; i < house->limit && found == NULL; i++)
        if (house->places[i].fd < 0)
            found = &house->places[i];
    if (found != NULL)
        found->fd = fd;
    pthread_mutex_unlock(&house->lock);
    /* Whose place this was has left it, and only has to end. */
    if (found != NULL && found->started)
        pthread_join(found->thread, NULL);
    if (found != NULL)
        found->started = 0;
    return found;
}

/* Closes under the lock: nobody shuts down a socket whose number is another's by then. */
static void leave(struct house *house, struct place *place)
{
    pthread_mutex_lock(&house->lock);
    close(place->fd);
    place->fd = -1;
    pthread_mutex_unlock(&house->lock);
}

static void *entertain(void *argument)
{
    struct guest *guest = argument;
    serve(guest->house->site, guest->fd, guest->peer);
    leave(guest->house, guest->place);
    free(guest);
    return NULL;
}

/* Starts the thread of a connection, or closes it. */
static void invite(struct house *house, int fd, const struct sockaddr *address, socklen_t length)
{
    struct guest *guest = calloc(1, sizeof *guest);
    struct place *place = guest == NULL ? NULL : enter(house, fd);
    if (place == NULL) {
        printf("refused: there are too many connections\n");
        free(guest);
        close(fd);
        return;
    }
    guest->house = house;
    guest->place = place;
    guest->fd = fd;
    name_peer(address, length, guest->peer, sizeof guest->peer);
    place->started = pthread_create(&place->thread, NULL, entertain, guest) == 0;
    if (!place->started) {
        printf("refused: there are too many threads\n");
        free(guest);
        leave(house, place);
    }
}

static void welcome_one(struct house *house, int listener)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int fd = accept4(listener, (struct sockaddr *)&address, &length, SOCK_CLOEXEC);
    if (fd < 0) {
        /* Out of descriptors: what is open has to end first. */
        if (errno == EMFILE || errno == ENFILE)
            poll(NULL, 0, 50);
        return;
    }
    invite(house, fd, (struct sockaddr *)&address, length);
}

/* Written to by the signal handler, so that poll() wakes. */
static int stop_pipe[2];

static void on_signal(int signal_number)
{
    (void)signal_number;
    ssize_t written = write(stop_pipe[1], "", 1);
    (void)written;
}

static int prepare_to_stop(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    signal(SIGPIPE, SIG_IGN);
    return pipe(stop_pipe) == 0 && sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0;
}

/* Ends every connection and waits for its thread. */
static void empty(struct house *house)
{
    pthread_mutex_lock(&house->lock);
    for (int i = 0; i < house->limit; i++)
        if (house->places[i].fd >= 0)
            shutdown(house->places[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&house->lock);
    for (int i = 0; i < house->limit; i++)
        if (house->places[i].started)
            pthread_join(house->places[i].thread, NULL);
}

static int run(const struct site *site, int listener, int limit)
{
    struct house house = {.site = site, .limit = limit, .places = calloc((size_t)limit, sizeof(struct place))};
    if (house.places == NULL || !prepare_to_stop())
        return 0;
    for (int i = 0; i < limit; i++)
        house.places[i].fd = -1;
    pthread_mutex_init(&house.lock, NULL);
    for (;;) {
        struct pollfd wanted[2] = {{listener, POLLIN, 0}, {stop_pipe[0], POLLIN, 0}};
        if (poll(wanted, 2, -1) < 0 && errno != EINTR)
            break;
        if (wanted[1].revents != 0)
            break;
        if (wanted[0].revents != 0)
            welcome_one(&house, listener);
    }
    empty(&house);
    pthread_mutex_destroy(&house.lock);
    free(house.places);
    return 1;
}

int main(int argc, char **argv)
{
    struct options options = read_options(argc, argv);
    struct site site = {0};
    int good = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    int listener = open_site(&site, &options) ? listen_on(&options) : -1;
    if (listener >= 0) {
        if (getenv("NTLM_USER_FILE") == NULL)
            printf("NTLM_USER_FILE is not set: nobody can log on with NTLM\n");
        announce(listener, options.tls);
        good = run(&site, listener, options.connection_limit);
        close(listener);
    }
    close_site(&site);
    return good ? 0 : 1;
}
