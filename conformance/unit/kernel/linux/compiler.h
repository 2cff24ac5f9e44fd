/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's memory model on that of C. */
#ifndef PKNOCK_UNIT_LINUX_COMPILER_H
#define PKNOCK_UNIT_LINUX_COMPILER_H

#undef __always_inline /* as the C library has it */
#define __always_inline inline __attribute__((__always_inline__))
#define __aligned(bytes) __attribute__((__aligned__(bytes)))
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* If there is one, it is called before each access below: what another CPU does just then. */
extern __thread void (*unit_meanwhile)(void);

static inline void unit_interrupt(void) {
    if (unit_meanwhile)
        unit_meanwhile();
}

/* Consume: what is read through a pointer is as new as the pointer. */
#define READ_ONCE(place) (unit_interrupt(), __atomic_load_n(&(place), __ATOMIC_CONSUME))
#define WRITE_ONCE(place, value)                                                                   \
    (unit_interrupt(), __atomic_store_n(&(place), (value), __ATOMIC_RELAXED))
#define smp_load_acquire(place) (unit_interrupt(), __atomic_load_n(place, __ATOMIC_ACQUIRE))
#define smp_store_release(place, value)                                                            \
    (unit_interrupt(), __atomic_store_n(place, (value), __ATOMIC_RELEASE))
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)

#endif
