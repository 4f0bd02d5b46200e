/* Memory that ends, or begins, exactly at a page nobody may touch. */
#ifndef GUARD_H
#define GUARD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

struct guarded {
    unsigned char *pages;
    size_t room;
};

#ifdef _WIN32
static inline size_t guard_page(void)
{
    SYSTEM_INFO info;
    GetSystemInfo(&info);
    return info.dwPageSize;
}

static inline unsigned char *guard_reserve(size_t size) { return VirtualAlloc(NULL, size, MEM_RESERVE, PAGE_NOACCESS); }
static inline int guard_open(void *pages, size_t size) { return VirtualAlloc(pages, size, MEM_COMMIT, PAGE_READWRITE) != NULL; }
static inline void guard_release(void *pages, size_t size) { (void)size, VirtualFree(pages, 0, MEM_RELEASE); }
#else
static inline size_t guard_page(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static inline unsigned char *guard_reserve(size_t size)
{
    void *pages = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

static inline int guard_open(void *pages, size_t size) { return mprotect(pages, size, PROT_READ | PROT_WRITE) == 0; }
static inline void guard_release(void *pages, size_t size) { munmap(pages, size); }
#endif

/* Room for up to `size` bytes before a page without access, and one such page in front. */
static inline struct guarded guard_make(size_t size)
{
    size_t page = guard_page();
    struct guarded guarded;
    guarded.room = (size + page - 1) / page * page;
    unsigned char *pages = guard_reserve(guarded.room + 2 * page);
    if (pages == NULL || !guard_open(pages + page, guarded.room)) {
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
    size_t page = guard_page();
    guard_release(guarded->pages - page, guarded->room + 2 * page);
}

#endif
