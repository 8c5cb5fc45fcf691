// SPDX-License-Identifier: MIT
/*
 * DOC: who stores a byte twice
 *
 * A watcher on another CPU looks at bytes of the destination until it sees what
 * the copy stores there, A, and at once stores B over it. When the copy is over
 * and the byte is A again, the copy has stored it twice: the watcher's B comes
 * after the A that the watcher read (a store that follows a load of the same
 * byte in the same thread comes after the store that was read), so an A that is
 * there at the end is another one. No single store can do that, whatever its
 * width and however late it becomes visible.
 *
 * Two stores of a copy are some ns apart; the watcher seldom gets the cache line
 * in between. So the destination lies across two pages, one of which is not
 * there: the first store to it faults, what was stored before is visible, and the
 * watcher has microseconds. An instruction that faults is executed again, but
 * had stored nothing; of accesses above 8 bytes that straddle the two pages the
 * CPU's manuals do not promise even that.
 */
#include "tear.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "pagecopy/strategy.h"
#include "pattern.h"
#include "run.h"

#define PAGE	4096U
/* Bytes that are watched, beside the page that is not there. */
#define WINDOW	64U
/* The border between the pages is this far from an end of the copy, at most. */
#define REACH	256U
/* Looks before the CPU is given to somebody else. */
#define LOOKS	2000U

enum byte {
	BYTE_POISON = 0x5a,
	BYTE_COPIED = 0xa6,
	BYTE_WATCHER = 0x39,
};

/**
 * struct watch - what the two threads share
 * @turn:   number of the copy that comes next
 * @ready:  the watcher looks at its bytes
 * @done:   the copy is over
 * @seen:   the watcher has stopped to store
 * @quit:   there is none more
 * @from:   first byte that is watched
 * @nr:     of them
 * @marked: which of them the watcher has stored to
 * @probed: how many before the copy was over
 * @thread: the watcher
 * @cpu:    where it runs
 */
struct watch {
	uint64_t turn;
	uint64_t ready;
	uint64_t done;
	uint64_t seen;
	bool quit;
	unsigned char *from;
	size_t nr;
	bool marked[WINDOW];
	uint64_t probed;
	pthread_t thread;
	int cpu;
};

/**
 * struct place - the destination
 * @area:  pages in a row
 * @bytes: of it
 * @len:   bytes of a copy
 */
struct place {
	unsigned char *area;
	size_t bytes;
	size_t len;
};

static uint64_t get(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void set(uint64_t *p, uint64_t value)
{
	__atomic_store_n(p, value, __ATOMIC_RELEASE);
}

static void wait_for(const uint64_t *p, uint64_t value)
{
	unsigned int looks = 0;

	while (get(p) != value) {
		relax();
		if (++looks % LOOKS == 0)
			sched_yield();
	}
}

/* One look at every byte; how many were stored to. */
static uint64_t pass(struct watch *w)
{
	uint64_t stored = 0;
	size_t i;

	for (i = 0; i < w->nr; i++) {
		unsigned char *p = w->from + i;

		if (w->marked[i] ||
		    __atomic_load_n(p, __ATOMIC_RELAXED) != BYTE_COPIED)
			continue;
		__atomic_store_n(p, BYTE_WATCHER, __ATOMIC_RELAXED);
		w->marked[i] = true;
		stored++;
	}
	return stored;
}

static void *watch(void *arg)
{
	struct watch *w = arg;
	uint64_t turn, stored;

	cpu_pin(w->cpu);
	for (turn = 1;; turn++) {
		unsigned int looks = 0;

		while (get(&w->turn) != turn) {
			if (__atomic_load_n(&w->quit, __ATOMIC_ACQUIRE))
				return NULL;
			relax();
			if (++looks % LOOKS == 0)
				sched_yield();
		}
		set(&w->ready, turn);
		for (;;) {
			stored = pass(w);
			if (get(&w->done) == turn)
				break;
			w->probed += stored;
		}
		set(&w->seen, turn);
	}
}

/*
 * Lay the destination across two pages, of which the upper or the lower one is
 * not there; the window is beside it, in the other one.
 */
static unsigned char *lay_out(const struct place *p, struct watch *w,
			      uint64_t random)
{
	const size_t reach = p->len - 1 < REACH ? p->len - 1 : REACH;
	const size_t end = reach ? 1 + (random >> 8) % reach : 0;
	const bool upper = random & 1;
	const size_t cut = upper ? p->len - end : end;
	const size_t room = (p->len + PAGE - 1) / PAGE * PAGE;
	unsigned char *border = p->area + (upper ? room + PAGE : PAGE);
	unsigned char *dst = border - cut;

	memset(dst, BYTE_POISON, p->len);
	madvise(upper ? border : border - PAGE, PAGE, MADV_DONTNEED);
	w->nr = upper ? cut : p->len - cut;
	if (w->nr > WINDOW)
		w->nr = WINDOW;
	w->from = upper ? border - w->nr : border;
	memset(w->marked, 0, sizeof(w->marked));
	return dst;
}

static uint64_t stored_again(const struct watch *w)
{
	uint64_t nr = 0;
	size_t i;

	for (i = 0; i < w->nr; i++)
		nr += w->marked[i] && w->from[i] == BYTE_COPIED;
	return nr;
}

static void one_copy(const struct tear *t, const struct place *p,
		     struct watch *w, uint64_t turn, struct tear_result *r)
{
	pagecopy_copy_fn *copy = pagecopy_strategies[t->cell.strategy].copy;
	unsigned char *dst = lay_out(p, w, pattern_mix(t->seed + turn));
	uint64_t again;

	set(&w->turn, turn);
	wait_for(&w->ready, turn);
	copy(dst, t->user + t->cell.offset, p->len);
	/* Non-temporal stores as well are there before it is said. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	set(&w->done, turn);
	wait_for(&w->seen, turn);
	again = stored_again(w);
	r->again += again;
	r->copies_again += again > 0;
	r->counts.copies++;
}

static void run_copies(struct tear *t, const struct place *p, struct watch *w,
		       struct tear_result *r)
{
	const uint64_t start = clock_ticks(&t->clk);

	memset(t->user, BYTE_COPIED, t->bytes);
	do {
		one_copy(t, p, w, r->counts.copies + 1, r);
	} while (!tear_enough(t, r->counts.copies, start));
	r->seconds = (double)(clock_ticks(&t->clk) - start) *
		     t->clk.ns_per_tick / 1e9;
}

int tear_aba_run(struct tear *t, struct tear_result *r)
{
	struct watch w = { .cpu = t->mutator_cpu };
	struct place p = { .len = t->cell.size };
	int ret;

	memset(r, 0, sizeof(*r));
	p.bytes = (p.len + PAGE - 1) / PAGE * PAGE + 3 * PAGE;
	p.area = mmap(NULL, p.bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p.area == MAP_FAILED)
		return tear_fail(t, EXIT_FAILED, "%zu bytes of memory: %s",
				 p.bytes, strerror(errno));
	madvise(p.area, p.bytes, MADV_NOHUGEPAGE);
	ret = pthread_create(&w.thread, NULL, watch, &w);
	if (!ret) {
		run_copies(t, &p, &w, r);
		__atomic_store_n(&w.quit, true, __ATOMIC_RELEASE);
		pthread_join(w.thread, NULL);
		r->probed = w.probed;
	}
	munmap(p.area, p.bytes);
	return ret ? tear_fail(t, EXIT_FAILED, "the watcher: %s",
			       strerror(ret)) : 0;
}
