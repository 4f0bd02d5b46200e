#include "page.h"

#include <string.h>

/* The policy in page_begin names this text's hash: nothing else on a page may style it, and nothing run. */
static const char STYLE[] =
    ":root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6776;--paper:#f4f6f9;--card:#fff;--line:#e1e6ed;"
    "--mark:#0b6e4f;--tint:#e3f4ec}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#9aa7b6;--paper:#11161d;--card:#1a212b;"
    "--line:#2a3441;--mark:#5fd3a5;--tint:#14372b}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:2rem 1rem;background:var(--paper);"
    "color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu Sans\",sans-serif}"
    "main{width:100%;max-width:42rem;background:var(--card);border:1px solid var(--line);border-radius:14px;"
    "padding:2.2rem 2.4rem;box-shadow:0 10px 30px rgba(15,30,55,.07)}"
    "p.kicker{margin:0;color:var(--soft);font-size:.9rem}"
    "h1{margin:.1rem 0 1.1rem;font-size:1.9rem;line-height:1.25;overflow-wrap:anywhere}"
    "ul{display:flex;flex-wrap:wrap;gap:.4rem;margin:0;padding:0;list-style:none}"
    "li{padding:.1rem .65rem;border-radius:99px;background:var(--tint);color:var(--mark);font-size:.85rem;"
    "font-weight:600}li.none{background:var(--paper);color:var(--soft)}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.7rem 1.6rem;margin:1.5rem 0 0;padding-top:1.4rem;"
    "border-top:1px solid var(--line)}"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}small{display:block;color:var(--soft)}"
    "footer{margin-top:1.6rem;color:var(--soft);font-size:.85rem}"
    "@media(max-width:34rem){main{padding:1.4rem}dl{grid-template-columns:1fr;gap:.1rem}dd{margin-bottom:.7rem}}";
#define STYLE_HASH "sha256-NJ+JWnmBymoURH7ceyDa+EVrgz8JmJnXFyU59YRHdbM="

static const struct {
    uint32_t flag;
    const char *name;
} PROTECTIONS[] = {
    {ASC_RET_MUTUAL_AUTH, "mutual authentication"}, {ASC_RET_CONFIDENTIALITY, "confidentiality"},
    {ASC_RET_INTEGRITY, "integrity"},               {ASC_RET_REPLAY_DETECT, "replay detection"},
    {ASC_RET_SEQUENCE_DETECT, "sequence detection"}, {ASC_RET_DELEGATE, "delegation"},
    {ASC_RET_IDENTIFY, "identification only"},
};
#define PROTECTION_COUNT (sizeof PROTECTIONS / sizeof *PROTECTIONS)

static void page_begin(struct answer *answer, int html, const char *title)
{
    answer->type = html ? "text/html" : "text/plain";
    if (!html)
        return;
    text_print(&answer->headers, "Content-Security-Policy: default-src 'none'; style-src '" STYLE_HASH "'; "
                                 "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n");
    text_print(&answer->body,
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<link rel=\"icon\" href=\"data:,\">\n<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n",
               title, STYLE);
}

static void page_end(struct answer *answer, int html)
{
    if (html)
        text_print(&answer->body, "<footer>libsspi %s</footer>\n</main>\n</body>\n</html>\n", libsspi_version());
}

/* One fact: a name of ours, a value from anywhere, and a remark of ours or NULL. */
static void fact(struct answer *answer, int html, const char *name, const char *value, const char *remark)
{
    struct text *body = &answer->body;
    if (html) {
        text_print(body, "<dt>%s</dt><dd>", name);
        text_add_html(body, value);
        if (remark != NULL)
            text_print(body, "<small>%s</small>", remark);
        text_print(body, "</dd>\n");
        return;
    }
    text_print(body, "%s: ", name);
    text_add_plain(body, value);
    if (remark != NULL)
        text_print(body, " (%s)", remark);
    text_print(body, "\n");
}

static const char *binding_of(const struct client *client, const char **remark)
{
    *remark = NULL;
    if (client->binding & SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED) {
        *remark = "nobody in between could have passed this logon on";
        return "bound to this TLS connection";
    }
    if (client->binding & SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING) {
        *remark = "the client sent none, which --bindings required refuses";
        return "not bound to the TLS connection";
    }
    return "none: there is no TLS to be bound to";
}

static void add_protections(struct answer *answer, int html, const struct client *client)
{
    struct text *body = &answer->body;
    int found = (client->binding & SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED) != 0;
    text_print(body, html ? "<ul>" : "protections:");
    if (found)
        text_print(body, html ? "<li>bound to TLS</li>" : " bound to TLS");
    for (size_t i = 0; i < PROTECTION_COUNT; i++) {
        if (client->protections & PROTECTIONS[i].flag) {
            text_print(body, html ? "<li>%s</li>" : (found ? ", %s" : " %s"), PROTECTIONS[i].name);
            found = 1;
        }
    }
    if (!found)
        text_print(body, html ? "<li class=\"none\">authentication only</li>" : " authentication only");
    text_print(body, html ? "</ul>\n" : "\n");
}

static void add_head(struct answer *answer, int html, const struct client *client)
{
    struct text *body = &answer->body;
    if (html) {
        text_print(body, "<p class=\"kicker\">You are logged on as</p>\n<h1>");
        text_add_html(body, client->name);
        text_print(body, "</h1>\n");
    } else {
        fact(answer, 0, "user", client->name, NULL);
    }
    add_protections(answer, html, client);
}

static void add_times(struct answer *answer, int html, const struct client *client)
{
    struct text since = {0}, until = {0};
    text_add_time(&since, client->since);
    fact(answer, html, html ? "Since" : "since", since.failed ? "" : since.bytes, NULL);
    if (client->until != 0)
        text_add_time(&until, client->until);
    else
        text_print(&until, "the connection ends");
    fact(answer, html, html ? "Until" : "until", until.failed ? "" : until.bytes,
         client->until != 0 ? "or until the connection ends" : "this package sets no limit of its own");
    text_free(&since);
    text_free(&until);
}

void page_welcome(struct answer *answer, int html, const struct client *client, const char *scheme,
                  const char *channel, const char *peer)
{
    const char *remark, *binding = binding_of(client, &remark);
    struct text package = {0}, cipher = {0};
    answer->status = 200;
    page_begin(answer, html, "Logged on");
    add_head(answer, html, client);
    if (html)
        text_print(&answer->body, "<dl>\n");
    text_print(&package, "%s", client->package);
    if (strcmp(client->package, scheme) != 0)
        text_print(&package, ", agreed on by %s", scheme);
    fact(answer, html, html ? "Package" : "package", package.failed ? "" : package.bytes, NULL);
    if (client->sealing != NULL && client->protections & (ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY)) {
        text_print(&cipher, "%s, %u bits", client->sealing, (unsigned)client->key_bits);
        fact(answer, html, html ? "Session key" : "session key", cipher.failed ? "" : cipher.bytes,
             "for messages that the two programs seal; HTTP seals none");
    }
    if (client->target != NULL)
        fact(answer, html, html ? "Meant for" : "meant for", client->target, NULL);
    fact(answer, html, html ? "Connection" : "connection", channel, NULL);
    fact(answer, html, html ? "Channel binding" : "channel binding", binding, remark);
    fact(answer, html, html ? "From" : "from", peer, NULL);
    add_times(answer, html, client);
    if (html)
        text_print(&answer->body, "</dl>\n");
    page_end(answer, html);
    text_free(&package);
    text_free(&cipher);
}

void page_message(struct answer *answer, int html, const char *title, const char *sentence)
{
    page_begin(answer, html, title);
    if (html)
        text_print(&answer->body, "<p class=\"kicker\">%d %s</p>\n<h1>%s</h1>\n<p>%s</p>\n", answer->status,
                   http_reason(answer->status), title, sentence);
    else
        text_print(&answer->body, "%s\n%s\n", title, sentence);
    page_end(answer, html);
}
