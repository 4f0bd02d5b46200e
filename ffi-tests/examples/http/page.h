/* What a client is shown: as a page to browsers, as lines of text to others. */
#ifndef PAGE_H
#define PAGE_H

#include "http.h"
#include "logon.h"

/* Who is logged on, how, and until when. */
void page_welcome(struct answer *answer, int html, const struct client *client, const char *scheme,
                  const char *channel, const char *peer);
/* A status and a sentence about it. */
void page_message(struct answer *answer, int html, const char *title, const char *sentence);

#endif
