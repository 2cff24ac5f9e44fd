/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

long unit_allocated;
long unit_memory_left = -1;
int unit_waiting;
__thread void (*unit_meanwhile)(void);

static __thread int reading;
static __thread struct rcu_head* left; /* what this thread is to free when it does not read */

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
    reading++;
}

static void free_left(void) {
    while (left) {
        const void* object = left->object;

        left = left->next;
        kfree(object);
    }
}

void rcu_read_unlock(void) {
    pthread_rwlock_unlock(&readers);
    if (!--reading)
        free_left();
}

void synchronize_rcu(void) {
    __atomic_add_fetch(&unit_waiting, 1, __ATOMIC_SEQ_CST);
    pthread_rwlock_wrlock(&readers);
    pthread_rwlock_unlock(&readers);
    __atomic_sub_fetch(&unit_waiting, 1, __ATOMIC_SEQ_CST);
}

void unit_kfree_rcu(struct rcu_head* head, const void* object) {
    head->next = left;
    head->object = object;
    left = head;
    if (!reading) {
        synchronize_rcu();
        free_left();
    }
}
