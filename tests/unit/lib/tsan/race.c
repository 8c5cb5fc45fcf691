// SPDX-License-Identifier: MIT
/*
 * race list            strategy; atomic, plain or nothing; why it is absent
 * race WRITER READER   one thread writes shared bytes, another reads them
 *
 * WRITER and READER are strategies, or "single" (relaxed atomic accesses of a
 * byte) or "assign" (plain ones). Nothing orders the threads, so that a race
 * detector reports them unless both keep to atomic accesses. It does not matter
 * who runs first, or whether they ever overlap.
 */
#include "pagecopy/strategy.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define BYTES	256

static unsigned char shared[BYTES], sent[BYTES], received[BYTES];
static pthread_barrier_t start;

/* A length and an offset of each side: mutually aligned, and not. */
static const struct {
	size_t len, shared, own;
} cases[] = {
	{ 1, 0, 0 }, { 8, 8, 8 }, { 13, 17, 17 }, { 31, 35, 40 },
	{ 64, 64, 64 }, { 100, 131, 70 }, { BYTES, 0, 0 },
};

static void copy_single(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;

	while (len--)
		WRITE_ONCE(d[len], READ_ONCE(s[len]));
}

static void copy_assign(void *dst, const void *src, size_t len)
{
	const unsigned char *s = src;
	unsigned char *d = dst;

	while (len--)
		d[len] = s[len];
}

static pagecopy_copy_fn *find(const char *name)
{
	const struct pagecopy_strategy *s;

	if (!strcmp(name, "single"))
		return copy_single;
	if (!strcmp(name, "assign"))
		return copy_assign;
	pagecopy_for_each_strategy(s)
		if (!strcmp(name, s->name) &&
		    pagecopy_strategy_here(s - pagecopy_strategies))
			return s->copy;
	return NULL;
}

static void *run_writer(void *copy)
{
	pagecopy_copy_fn *const *fn = copy;
	size_t i;

	pthread_barrier_wait(&start);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		(*fn)(shared + cases[i].shared, sent + cases[i].own,
		      cases[i].len);
	return NULL;
}

static void *run_reader(void *copy)
{
	pagecopy_copy_fn *const *fn = copy;
	size_t i;

	pthread_barrier_wait(&start);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		(*fn)(received + cases[i].own, shared + cases[i].shared,
		      cases[i].len);
	return NULL;
}

static int race(pagecopy_copy_fn *writer, pagecopy_copy_fn *reader)
{
	pthread_t threads[2];

	pthread_barrier_init(&start, NULL, 2);
	if (pthread_create(&threads[0], NULL, run_writer, &writer) ||
	    pthread_create(&threads[1], NULL, run_reader, &reader))
		return 1;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return 0;
}

static int list(void)
{
	const struct pagecopy_strategy *s;
	const char *missing;

	pagecopy_for_each_strategy(s) {
		missing = pagecopy_strategy_missing(s - pagecopy_strategies);
		printf("%s\t%s\t%s\n", s->name, !s->copies ? "nothing" :
		       s->byte_atomic ? "atomic" :
		       s->atomic_load ? "load" : "plain",
		       missing ? missing : "");
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if (argc != 3 || !find(argv[1]) || !find(argv[2])) {
		fputs("usage: race list | race WRITER READER\n", stderr);
		return 2;
	}
	return race(find(argv[1]), find(argv[2]));
}
