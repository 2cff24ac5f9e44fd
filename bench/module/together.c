// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "hook.h"
#include "together.h"

#define CALLS_BETWEEN_LOOKS 256

/**
 * struct bench_runner - one CPU's work
 * @task:	bound to that CPU; waits to be stopped when it is done
 * @done:	it is
 * @hook:	where its packets meet the subject, which is the same for all
 * @packets:	its own: a packet that two CPUs write to would be what is
 *		measured
 * @missing:	how many CPUs have not come to the start yet; of all
 * @duration:	nanoseconds from there to the end
 * @share:	what it did
 */
struct bench_runner {
	struct task_struct *task;
	struct completion done;
	struct bench_hook hook;
	struct bench_packets packets;
	atomic_t *missing;
	u64 duration;
	struct bench_share share;
};

static void show_packets(struct bench_runner *runner)
{
	u64 begin, passed;

	atomic_dec(runner->missing);
	while (atomic_read(runner->missing))
		cond_resched();
	begin = ktime_get_ns();
	do {
		bench_hook_show(&runner->hook, CALLS_BETWEEN_LOOKS);
		runner->share.calls += CALLS_BETWEEN_LOOKS;
		cond_resched();
		passed = ktime_get_ns() - begin;
	} while (passed < runner->duration);
	runner->share.matched = runner->hook.matched;
	runner->share.nanoseconds = passed;
}

static int run(void *data)
{
	struct bench_runner *runner = data;

	show_packets(runner);
	complete(&runner->done);
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static void runner_free(struct bench_runner *runner)
{
	if (!IS_ERR_OR_NULL(runner->task))
		kthread_stop(runner->task);
	bench_packets_release(&runner->packets);
	kfree(runner);
}

/* The CPU's sources follow on those of the CPU before: none is of two CPUs. */
static struct bench_runner *runner_new(const struct bench_subject *subject,
				       const struct bench_packets *packets,
				       u32 cpu)
{
	struct bench_runner *runner = kzalloc(sizeof(*runner), GFP_KERNEL);

	if (!runner)
		return NULL;
	init_completion(&runner->done);
	runner->share.cpu = cpu;
	if (bench_packets_copy(&runner->packets, packets))
		goto err_runner;
	runner->packets.first += cpu * packets->sources;
	bench_hook_init(&runner->hook, subject, &runner->packets);
	runner->task = kthread_create(run, runner, "xt_bench/%u", cpu);
	if (IS_ERR(runner->task))
		goto err_runner;
	kthread_bind(runner->task, cpu);
	return runner;

err_runner:
	runner_free(runner);
	return NULL;
}

static void run_all(struct bench_runner *const *runners, unsigned int count,
		    u64 duration, struct bench_share *shares)
{
	atomic_t missing = ATOMIC_INIT(count);
	unsigned int at;

	for (at = 0; at < count; at++) {
		runners[at]->missing = &missing;
		runners[at]->duration = duration;
		wake_up_process(runners[at]->task);
	}
	for (at = 0; at < count; at++) {
		wait_for_completion(&runners[at]->done);
		shares[at] = runners[at]->share;
	}
}

/* Context: CPUs do not come or go. */
static int together_locked(const struct bench_subject *subject,
			   const struct bench_packets *packets, u32 cpus,
			   u64 duration, struct bench_share *shares)
{
	struct bench_runner *runners[BENCH_CPUS_MAX];
	unsigned int cpu, count = 0;
	int result;

	for (cpu = 0; cpu < BENCH_CPUS_MAX; cpu++) {
		if (!(cpus & BIT(cpu)))
			continue;
		result = -ENODEV;
		if (cpu >= nr_cpu_ids || !cpu_online(cpu))
			goto err_runners;
		result = -ENOMEM;
		runners[count] = runner_new(subject, packets, cpu);
		if (!runners[count])
			goto err_runners;
		count++;
	}
	run_all(runners, count, duration, shares);
	result = count;

err_runners:
	while (count)
		runner_free(runners[--count]);
	return result;
}

/**
 * bench_together - show packets to a subject on several CPUs at once
 * @subject:	ready
 * @packets:	what the first CPU shows; others have as many sources, which
 *		follow on those of the CPU before
 * @cpus:	a bit for each
 * @milliseconds: how long
 * @shares:	what each did, BENCH_CPUS_MAX of them
 *
 * Context: process, sleeps. Return: how many shares there are, or an error.
 */
int bench_together(const struct bench_subject *subject,
		   const struct bench_packets *packets, u32 cpus,
		   u32 milliseconds, struct bench_share *shares)
{
	int result;

	cpus_read_lock();
	result = together_locked(subject, packets, cpus,
				 (u64)milliseconds * NSEC_PER_MSEC, shares);
	cpus_read_unlock();
	return result;
}
