// SPDX-License-Identifier: MIT
#include "races.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEM	4096
/* Copies of a command: enough to be watched, over within milliseconds. */
#define REPEAT	500
#define REPORT	"BUG: KCSAN: data-race in "
#define COPY	"pagecopy_copy_"

const char *races_open(struct races *r)
{
	const struct pagecopy_setup setup = { .order = 0, .nr_pages = 1 };
	const struct pagecopy_mode mode = { .repeat = REPEAT };
	unsigned int i;

	if (access("/sys/kernel/debug/kcsan", F_OK))
		return "this kernel has no KCSAN";
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return "nothing races on one CPU";
	r->log.fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (r->log.fd < 0)
		return "no access to /dev/kmsg";
	r->fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	if (r->fd < 0)
		return "no access to " PAGECOPY_DEV_PATH;
	if (ioctl(r->fd, PAGECOPY_IOC_SETUP, &setup) ||
	    ioctl(r->fd, PAGECOPY_IOC_MODE, &mode))
		return "no device page to be had";
	for (i = 0; i < 2; i++) {
		r->thread[i].mem = mmap(NULL, MEM, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS |
					MAP_POPULATE, -1, 0);
		if (r->thread[i].mem == MAP_FAILED)
			return "no memory";
	}
	return NULL;
}

static bool stopped(const struct races *r)
{
	return __atomic_load_n(&r->stop, __ATOMIC_RELAXED);
}

static void count(struct race_thread *t, unsigned int copies)
{
	__atomic_fetch_add(&t->copies, copies, __ATOMIC_RELAXED);
}

/* Commands, one after the other. */
static void run_commands(struct race_thread *t)
{
	struct pagecopy_run run = {
		.cmd_op = t->racer.cmd_op,
		.arg = {
			.addr = (uintptr_t)(t->mem + t->racer.own),
			.len = t->racer.len,
			.offset = t->racer.offset,
		},
	};

	while (!stopped(t->races)) {
		if (ioctl(t->races->fd, PAGECOPY_IOC_RUN, &run) < 0) {
			__atomic_store_n(&t->races->failure, errno,
					 __ATOMIC_RELAXED);
			return;
		}
		count(t, REPEAT);
	}
}

/* Every byte of the other's buffer gets a new value each time. */
static void write_memory(struct race_thread *t)
{
	struct race_thread *other = &t->races->thread[t == t->races->thread];
	volatile uint64_t *word = (volatile uint64_t *)other->mem;
	unsigned int i;

	while (!stopped(t->races)) {
		for (i = 0; i < REPEAT; i++)
			*word += 0x0101010101010101;
		count(t, REPEAT);
	}
}

static void *run_thread(void *arg)
{
	struct race_thread *t = arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(t->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	if (t->racer.name)
		run_commands(t);
	else
		write_memory(t);
	return NULL;
}

static bool start_thread(struct races *r, unsigned int cpu,
			 const struct racer *racer)
{
	struct race_thread *t = &r->thread[cpu];

	t->races = r;
	t->racer = *racer;
	t->cpu = cpu;
	t->copies = 0;
	return !pthread_create(&t->id, NULL, run_thread, t);
}

bool races_start(struct races *r, const struct racer *a,
		 const struct racer *b)
{
	lseek(r->log.fd, 0, SEEK_END);
	r->log.reports = 0;
	r->log.title[0] = '\0';
	r->stop = false;
	r->failure = 0;
	if (!start_thread(r, 0, a))
		return false;
	if (start_thread(r, 1, b))
		return true;
	__atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
	pthread_join(r->thread[0].id, NULL);
	return false;
}

void races_stop(struct races *r)
{
	__atomic_store_n(&r->stop, true, __ATOMIC_RELAXED);
	pthread_join(r->thread[0].id, NULL);
	pthread_join(r->thread[1].id, NULL);
	races_read_log(&r->log);
}

unsigned long long races_copies(const struct races *r)
{
	const unsigned long long a = __atomic_load_n(&r->thread[0].copies,
						     __ATOMIC_RELAXED);
	const unsigned long long b = __atomic_load_n(&r->thread[1].copies,
						     __ATOMIC_RELAXED);

	return a < b ? a : b;
}

void races_read_log(struct race_log *log)
{
	char record[4096], *title;
	ssize_t got;

	/* -EPIPE: records were lost, the next read gives the oldest left. */
	while ((got = read(log->fd, record, sizeof(record) - 1)) > 0 ||
	       (got < 0 && errno == EPIPE)) {
		record[got > 0 ? got : 0] = '\0';
		title = strstr(record, REPORT);
		if (!title || !strstr(title, "pagecopy"))
			continue;
		title += strlen(REPORT);
		title[strcspn(title, "\n")] = '\0';
		if (!log->reports++)
			snprintf(log->title, sizeof(log->title), "%s", title);
	}
}

bool races_named(const struct race_log *log, const char *strategy)
{
	const size_t len = strlen(strategy);
	const char *at = log->title;

	/* The name ends there, or in an offset, or in what a compiler appends. */
	while ((at = strstr(at, COPY))) {
		at += strlen(COPY);
		if (!strncmp(at, strategy, len) && strchr(" +.", at[len]))
			return true;
	}
	return false;
}
