/* Memory that ends, or begins, exactly at a page nobody may touch. */
#ifndef GUARD_H
#define GUARD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct guarded {
    unsigned char *pages;
    size_t room;
};

/* Room for up to `size` bytes before a page without access, and one such page in front. */
static inline struct guarded guard_make(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guarded guarded;
    guarded.room = (size + page - 1) / page * page;
    unsigned char *pages = mmap(NULL, guarded.room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + page, guarded.room, PROT_READ | PROT_WRITE) != 0) {
        perror("guard page");
        exit(2);
    }
    guarded.pages = pages + page;
    return guarded;
}

/* The last `size` bytes before the guard page. */
static inline void *guard_end(struct guarded *guarded, size_t size)
{
    return guarded->pages + guarded->room - size;
}

/* The last `size` bytes, holding a copy. */
static inline void *guard_copy(struct guarded *guarded, const void *bytes, size_t size)
{
    return memcpy(guard_end(guarded, size), bytes, size);
}

static inline void guard_free(struct guarded *guarded)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(guarded->pages - page, guarded->room + 2 * page);
}

#endif
