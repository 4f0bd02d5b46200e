#include "connection.h"

#include "page.h"
#include "transport.h"

#include <stdio.h>
#include <string.h>

struct connection {
    const struct site *site;
    struct transport transport;
    struct reader reader;
    struct logon logon;
    const char *peer;
};

/* One line on stdout; `text` is fit for a terminal. */
static void log_line(const struct connection *connection, const char *text)
{
    struct text line = {0};
    text_add_time(&line, time(NULL));
    text_print(&line, "  %s  %s\n", connection->peer, text);
    if (!line.failed)
        fputs(line.bytes, stdout);
    text_free(&line);
}

static void log_logon(const struct connection *connection)
{
    struct text text = {0};
    text_print(&text, "logged on: ");
    text_add_plain(&text, connection->logon.client.name);
    text_print(&text, " by %s", connection->logon.client.package);
    log_line(connection, text.failed ? "logged on" : text.bytes);
    text_free(&text);
}

static void log_request(const struct connection *connection, const struct request *request, int status)
{
    struct text text = {0};
    text_print(&text, "%d  %s ", status, request->method);
    text_add_plain(&text, request->path);
    log_line(connection, text.failed ? request->method : text.bytes);
    text_free(&text);
}

static int64_t deadline_of(const struct connection *connection)
{
    return now_ms() + connection->site->patience_ms;
}

/* Whether the client would rather have a page than lines of text. */
static int wants_html(const struct request *request)
{
    return request->accept != NULL && strstr(request->accept, "text/html") != NULL;
}

static void add_challenges(struct answer *answer, const struct realm *realm)
{
    for (int i = 0; i < SCHEME_COUNT; i++)
        text_print(&answer->headers, "WWW-Authenticate: %s\r\n", realm->schemes[i].name);
}

static void add_challenge(struct answer *answer, const struct text *challenge)
{
    if (challenge->length > 0 && !challenge->failed)
        text_print(&answer->headers, "WWW-Authenticate: %s\r\n", challenge->bytes);
    answer->headers.failed |= challenge->failed;
}

static void ask_who(struct connection *connection, struct answer *answer, int html)
{
    answer->status = 401;
    add_challenges(answer, &connection->site->realm);
    page_message(answer, html, "Who are you?", "This page is for clients that log on with Negotiate or NTLM.");
}

/* The page of one who is logged on. */
static void show(struct connection *connection, const struct request *request, struct answer *answer)
{
    char channel[128];
    int html = wants_html(request);
    /* As IIS says it: no further request on this connection needs an Authorization header. */
    text_print(&answer->headers, "Persistent-Auth: true\r\n");
    if (strcmp(request->path, "/") != 0) {
        answer->status = 404;
        page_message(answer, html, "Not found", "There is one page here: /");
        return;
    }
    transport_describe(&connection->transport, channel, sizeof channel);
    page_welcome(answer, html, &connection->logon.client, connection->logon.scheme->name, channel, connection->peer);
}

static void refuse(struct connection *connection, const struct text *reason, struct answer *answer, int html)
{
    struct text line = {0};
    text_print(&line, "refused: %s", reason->failed ? "out of memory" : reason->bytes);
    log_line(connection, line.failed ? "refused" : line.bytes);
    text_free(&line);
    answer->status = 401;
    add_challenges(answer, &connection->site->realm);
    page_message(answer, html, "Not let in", "The server's log says why.");
}

/* Answers a request of one who says who he is; whether the connection may go on. */
static int authenticate(struct connection *connection, const struct request *request, struct answer *answer)
{
    struct text challenge = {0}, reason = {0};
    int html = wants_html(request), goes_on = 1;
    switch (logon_step(&connection->logon, &connection->site->realm, request->authorization, &challenge, &reason)) {
    case VERDICT_ASK:
        ask_who(connection, answer, html);
        break;
    case VERDICT_CONTINUE:
        answer->status = 401;
        add_challenge(answer, &challenge);
        page_message(answer, html, "Go on", "The logon needs another round.");
        break;
    case VERDICT_WELCOME:
        log_logon(connection);
        add_challenge(answer, &challenge);
        show(connection, request, answer);
        break;
    case VERDICT_REFUSED:
        refuse(connection, &reason, answer, html);
        goes_on = 0;
    }
    text_free(&challenge);
    text_free(&reason);
    return goes_on;
}

/* Answers one request; whether the connection may go on. */
static int respond(struct connection *connection, const struct request *request, struct answer *answer)
{
    int html = wants_html(request);
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        answer->status = 405;
        text_print(&answer->headers, "Allow: GET, HEAD\r\n");
        page_message(answer, html, "Not allowed", "There is only GET and HEAD here.");
        return 0;
    }
    if (request->by_proxy) {
        /* The logon is the connection's, and the next request on it may be another person's. */
        answer->status = 403;
        log_line(connection, "refused: it came through a proxy, whose connections are not one client's");
        page_message(answer, html, "Not through a proxy", "A logon belongs to a connection: this one is a proxy's.");
        return 0;
    }
    if (request->authorization != NULL)
        return authenticate(connection, request, answer);
    if (connection->logon.state == LOGON_BEGUN)
        logon_forget(&connection->logon);
    if (logon_is_valid(&connection->logon))
        show(connection, request, answer);
    else
        ask_who(connection, answer, html);
    return 1;
}

/* One request and its answer; whether another may follow. */
static int serve_one(struct connection *connection)
{
    struct request request;
    struct answer answer = {0};
    int status = http_next(&connection->reader, &request, deadline_of(connection)), goes_on = 0;
    if (status == HTTP_GONE)
        return 0;
    if (status == 0) {
        goes_on = respond(connection, &request, &answer) && request.keep_alive;
    } else {
        request = (struct request){.method = "-", .path = "-"};
        answer.status = status;
        page_message(&answer, 0, http_reason(status), "This is no request that can be answered.");
    }
    log_request(connection, &request, answer.status);
    if (!http_answer(&connection->transport, &answer, request.method, goes_on, deadline_of(connection)))
        goes_on = 0;
    answer_free(&answer);
    return goes_on;
}

void serve(const struct site *site, int fd, const char *peer)
{
    struct connection connection = {.site = site, .peer = peer};
    connection.reader.transport = &connection.transport;
    if (transport_open(&connection.transport, fd, site->tls, deadline_of(&connection)))
        while (serve_one(&connection))
            continue;
    logon_forget(&connection.logon);
    http_free(&connection.reader);
    transport_finish(&connection.transport, now_ms() + 1000);
}
