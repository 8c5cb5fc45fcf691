// SPDX-License-Identifier: MIT
/*
 * What a compiler makes of a copy of memory that another thread writes to, for
 * effects.py to read. With COPY, that function is called; without, the copy is
 * the compiler's own, as in raw. Each function says what its author meant, and
 * has the shared memory as its first argument.
 */
#ifdef COPY_FILE
#include COPY_FILE
#else
#include "pagecopy/strategy.h"
#endif

#ifdef COPY
#define copy(dst, src, len)	COPY(dst, src, len)
#else
#define copy(dst, src, len)	__builtin_memcpy(dst, src, len)
#endif

#define visible	noinline __attribute__((used))

struct request {
	unsigned int len;
	unsigned int kind;
	unsigned long data[6];
};

struct message {
	unsigned long len;
	unsigned char bytes[1016];
};

struct pair {
	unsigned int low;
	unsigned int high;
};

int wait_for_flag(const int *shared);
int check_then_use(const struct request *shared,
		   int (*use)(const struct request *));
int check_then_copy(const struct message *shared, struct message *own);
int look_twice(const void *shared);
void look_away(const void *shared);
void write_twice(void *shared, unsigned long a, unsigned long b);
unsigned long long read_pair(const struct pair *shared);

/* Elsewhere; looks at the message and changes nothing. */
int valid(const struct message *message) __attribute__((pure));

/* Copy the flag until it is set. */
visible int wait_for_flag(const int *shared)
{
	int flag;

	for (;;) {
		copy(&flag, shared, sizeof(flag));
		if (flag)
			return flag;
	}
}

/* Take a snapshot, check it, and use what was checked. */
visible int check_then_use(const struct request *shared,
			   int (*use)(const struct request *))
{
	struct request snapshot;

	copy(&snapshot, shared, sizeof(snapshot));
	if (snapshot.len > sizeof(snapshot.data) || snapshot.kind > 3)
		return -1;
	return use(&snapshot);
}

/* Take a snapshot, check it, and keep what was checked. */
visible int check_then_copy(const struct message *shared, struct message *own)
{
	struct message snapshot;

	copy(&snapshot, shared, sizeof(snapshot));
	if (!valid(&snapshot))
		return -1;
	copy(own, &snapshot, sizeof(snapshot));
	return 0;
}

/* Has it changed meanwhile? */
visible int look_twice(const void *shared)
{
	unsigned long before, after;

	copy(&before, shared, sizeof(before));
	copy(&after, shared, sizeof(after));
	return before != after;
}

/* Have it read; its value does not matter. */
visible void look_away(const void *shared)
{
	unsigned long value;

	copy(&value, shared, sizeof(value));
}

/* Tell a reader first one thing, then the other. */
visible void write_twice(void *shared, unsigned long a, unsigned long b)
{
	copy(shared, &a, sizeof(a));
	copy(shared, &b, sizeof(b));
}

/* Both halves in one copy. */
visible unsigned long long read_pair(const struct pair *shared)
{
	struct pair pair;

	copy(&pair, shared, sizeof(pair));
	return (unsigned long long)pair.low * pair.high;
}

int main(int argc, char **argv)
{
	/* Nothing is known of it, whatever is linked to what. */
	void *volatile unknown = argv;

	write_twice(unknown, argc, 1);
	look_away(unknown);
	return wait_for_flag(unknown) + check_then_use(unknown, unknown) +
	       check_then_copy(unknown, unknown) + look_twice(unknown) +
	       (int)read_pair(unknown);
}
