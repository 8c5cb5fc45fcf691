// SPDX-License-Identifier: MIT
/*
 * seqlock - read a record while another thread publishes new ones
 *
 * USAGE: seqlock READS
 *
 * Ends when so many reads were accepted, some writer was met, and prints
 * "READS accepted, REFUSED refused, TORN torn". Exit 0 if none was torn, 1 if
 * one was, 77 if after a minute no writer was met.
 */
#include "seqlock.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PATIENCE_S	60

static struct seqlock lock;
static atomic_bool stop;

static void *write_on(void *unused)
{
	struct record r;
	unsigned long version;
	int i;

	for (version = 1; !atomic_load(&stop); version++) {
		for (i = 0; i < WORDS; i++)
			r.words[i] = version * 0x0101010101010101;
		seqlock_publish(&lock, &r);
	}
	return unused;
}

static bool is_torn(const struct record *r)
{
	int i;

	for (i = 1; i < WORDS; i++)
		if (r->words[i] != r->words[0])
			return true;
	return false;
}

struct tally {
	unsigned long accepted, refused, torn;
};

/* Enough reads, and proof that they raced with the writer. */
static bool enough(const struct tally *t, unsigned long reads)
{
	return t->accepted >= reads && (t->refused || t->torn);
}

static void read_on(struct tally *t, unsigned long reads)
{
	const time_t end = time(NULL) + PATIENCE_S;
	struct record r;

	while (!enough(t, reads) && time(NULL) < end) {
		if (!seqlock_try_read(&lock, &r)) {
			t->refused++;
			continue;
		}
		t->accepted++;
		t->torn += is_torn(&r);
	}
}

int main(int argc, char **argv)
{
	struct tally t = { 0 };
	pthread_t writer;

	if (argc != 2) {
		fputs("usage: seqlock READS\n", stderr);
		return 2;
	}
	if (pthread_create(&writer, NULL, write_on, NULL)) {
		fputs("seqlock: no second thread\n", stderr);
		return 2;
	}
	read_on(&t, strtoul(argv[1], NULL, 10));
	atomic_store(&stop, true);
	pthread_join(writer, NULL);
	printf("%lu accepted, %lu refused, %lu torn\n", t.accepted, t.refused,
	       t.torn);
	if (t.torn)
		return 1;
	return t.refused ? 0 : 77;
}
