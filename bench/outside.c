// SPDX-License-Identifier: MIT
#include "outside.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "generation.h"
#include "pattern.h"

/* The outside may have a guest's whole memory to go through. */
#define PATIENCE_NS	(20 * 1000000000ULL)

int marker_parse(const char *text, uint8_t marker[MARKER_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	unsigned int i;

	if (strlen(text) != 2 * MARKER_BYTES)
		return -EINVAL;
	for (i = 0; i < 2 * MARKER_BYTES; i++) {
		digit = strchr(digits, text[i]);
		if (!digit)
			return -EINVAL;
		marker[i / 2] = (uint8_t)(marker[i / 2] << 4 |
					  (digit - digits));
	}
	return 0;
}

void outside_open(struct outside *o, void *page,
		  const uint8_t marker[MARKER_BYTES])
{
	struct outside_mark mark = {
		.magic = OUTSIDE_MAGIC,
		.index = OUTSIDE_CONTROL,
	};

	memset(page, 0, OUTSIDE_PAGE);
	memcpy(mark.marker, marker, MARKER_BYTES);
	o->c = page;
	o->orders = 0;
	outside_epoch(o);
	/* Nobody looks at it before it says what it is. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(&o->c->mark, &mark, sizeof(mark));
}

/* Pages of a program that has ended may still have its marks. */
void outside_epoch(struct outside *o)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) < 0)
		random = pattern_mix(clock_now_ns());
	o->c->epoch = random | 1;
}

void outside_mark(const struct outside *o, uint64_t index,
		  struct outside_mark *mark)
{
	*mark = o->c->mark;
	mark->epoch = o->c->epoch;
	mark->index = index;
}

static int give(struct outside *o, enum outside_order what)
{
	const uint64_t order = ++o->orders << 8 | what;
	const uint64_t start = clock_now_ns();
	unsigned int i;

	__atomic_store_n(&o->c->order, order, __ATOMIC_SEQ_CST);
	for (i = 1;; i++) {
		if (__atomic_load_n(&o->c->answer, __ATOMIC_ACQUIRE) == order)
			return 0;
		/* The clock is a system call in some guests. */
		if (i % 1024 == 0 && clock_now_ns() - start > PATIENCE_NS)
			return -ETIMEDOUT;
		relax();
	}
}

int outside_find(struct outside *o, uint64_t pages)
{
	int ret;

	o->c->pages = pages;
	ret = give(o, OUTSIDE_FIND);
	if (ret)
		return ret;
	return o->c->found == pages && !o->c->twice ? 0 : -ENOENT;
}

int outside_run(struct outside *o, uint64_t first, uint64_t len)
{
	o->c->first = first;
	o->c->len = len;
	return give(o, OUTSIDE_RUN);
}

int outside_stop(struct outside *o, uint64_t *rewrites)
{
	int ret = give(o, OUTSIDE_STOP);

	*rewrites = o->c->rewrites;
	return ret;
}

int outside_quit(struct outside *o)
{
	return give(o, OUTSIDE_QUIT);
}
