/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

long unit_allocated;
long unit_memory_left = -1;

/* A writer must not wait for ever for readers that follow each other. */
static pthread_rwlock_t readers = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

void* kzalloc(size_t size, int flags) {
    size_t alignment = size & (size - 1) ? sizeof(void*) : size;
    void* object;

    (void)flags;
    if (!unit_memory_left || posix_memalign(&object, alignment, size))
        return NULL;
    if (unit_memory_left > 0)
        unit_memory_left--;
    unit_allocated++;
    return memset(object, 0, size);
}

void kfree(const void* object) {
    if (object)
        unit_allocated--;
    free((void*)object);
}

void rcu_read_lock(void) {
    pthread_rwlock_rdlock(&readers);
}

void rcu_read_unlock(void) {
    pthread_rwlock_unlock(&readers);
}

void synchronize_rcu(void) {
    pthread_rwlock_wrlock(&readers);
    pthread_rwlock_unlock(&readers);
}
