/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The copies by vectors, for the file that includes this and says which:
 * VECTOR	bytes of a vector: 16, 32 or 64
 * MOVE		the instruction that loads or stores one at any address
 * R0 ... R3	four registers for it, CLOBBERS their names in C
 * NAME(x)	x with the name of the variant
 * LEAVE()	what has to be done before returning
 * and then defines
 * load_ends()	load less than VECTOR bytes, some perhaps twice
 * store_ends()	store less than VECTOR bytes, each once
 *
 * Each access is an instruction that is written down here; to the compiler, all
 * of them are opaque.
 *
 * Loads and stores keep their order on x86-64, and none of these stores is
 * non-temporal: acquire and release ask the machine for nothing. The compiler
 * is held by the memory clobbers.
 */
#include "variant.h"

#define always_inline	inline __attribute__((always_inline))
#define noinline	__attribute__((noinline))

static void load_ends(unsigned char *d, const unsigned char *s, size_t n);
static void store_ends(unsigned char *d, const unsigned char *s, size_t n);

/* Any vector, wherever it is. */
struct span {
	char bytes[VECTOR];
} __attribute__((may_alias));

#define TO(p)	"=m"(*(struct span *)(p))
#define FROM(p)	"m"(*(const struct span *)(p))

static always_inline void copy_one(unsigned char *d, const unsigned char *s)
{
	__asm__ volatile(MOVE " %1, " R0 "\n\t"
			 MOVE " " R0 ", %0"
			 : TO(d) : FROM(s) : CLOBBERS, "memory");
}

static always_inline void copy_two(unsigned char *d, const unsigned char *s,
				   size_t second)
{
	__asm__ volatile(MOVE " %2, " R0 "\n\t"
			 MOVE " %3, " R1 "\n\t"
			 MOVE " " R0 ", %0\n\t"
			 MOVE " " R1 ", %1"
			 : TO(d), TO(d + second)
			 : FROM(s), FROM(s + second) : CLOBBERS, "memory");
}

/* Two vectors there, and two from @second on. */
static always_inline void copy_four(unsigned char *d, const unsigned char *s,
				    size_t second)
{
	__asm__ volatile(MOVE " %4, " R0 "\n\t"
			 MOVE " %5, " R1 "\n\t"
			 MOVE " %6, " R2 "\n\t"
			 MOVE " %7, " R3 "\n\t"
			 MOVE " " R0 ", %0\n\t"
			 MOVE " " R1 ", %1\n\t"
			 MOVE " " R2 ", %2\n\t"
			 MOVE " " R3 ", %3"
			 : TO(d), TO(d + VECTOR),
			   TO(d + second), TO(d + second + VECTOR)
			 : FROM(s), FROM(s + VECTOR),
			   FROM(s + second), FROM(s + second + VECTOR)
			 : CLOBBERS, "memory");
}

static always_inline void movsb(unsigned char *d, const unsigned char *s,
				size_t n)
{
	__asm__ volatile("rep movsb"
			 : "+D"(d), "+S"(s), "+c"(n) : : "memory");
}

static always_inline bool by_movsb(size_t n)
{
	return n >= pagecopy_user_movsb_from;
}

/*
 * More than 8 vectors. The destination is aligned, because a store that
 * straddles two cache lines costs more than a load that does: the first vector
 * goes where it goes, and the loop starts at the boundary inside it.
 */
static noinline void *load_many(unsigned char *dest, const unsigned char *s,
				size_t n)
{
	const size_t ahead = VECTOR - (uintptr_t)dest % VECTOR;
	unsigned char *last = dest + n - 4 * VECTOR;
	const unsigned char *last_s = s + n - 4 * VECTOR;
	unsigned char *d = dest + ahead;

	copy_one(dest, s);
	s += ahead;
	if (by_movsb(n)) {
		movsb(d, s, n - ahead);
		LEAVE();
		return dest;
	}
	do {
		copy_four(d, s, 2 * VECTOR);
		d += 4 * VECTOR;
		s += 4 * VECTOR;
	} while (d < last);
	copy_four(last, last_s, 2 * VECTOR);
	LEAVE();
	return dest;
}

void *NAME(pagecopy_user_load)(void *dest, const void *source, size_t n,
			       pagecopy_order order)
{
	const unsigned char *s = source;
	unsigned char *d = dest;

	(void)order;
	if (n <= 2 * VECTOR) {
		if (__builtin_expect(n >= VECTOR, 1))
			copy_two(d, s, n - VECTOR);
		else
			load_ends(d, s, n);
	} else if (n <= 4 * VECTOR) {
		copy_four(d, s, n - 2 * VECTOR);
	} else if (n <= 8 * VECTOR) {
		copy_four(d, s, 2 * VECTOR);
		copy_four(d + n - 4 * VECTOR, s + n - 4 * VECTOR, 2 * VECTOR);
	} else {
		return load_many(d, s, n);
	}
	LEAVE();
	return dest;
}

/*
 * Up to 4 vectors: one branch for each power of two in their number, and out as
 * soon as nothing is left.
 */
static always_inline void store_rest(unsigned char *d, const unsigned char *s,
				     size_t n)
{
	if (n >= 2 * VECTOR) {
		copy_two(d, s, VECTOR);
		n -= 2 * VECTOR;
		if (!n)
			return;
		d += 2 * VECTOR;
		s += 2 * VECTOR;
		if (n == 2 * VECTOR) {
			copy_two(d, s, VECTOR);
			return;
		}
	}
	if (n >= VECTOR) {
		copy_one(d, s);
		n -= VECTOR;
		d += VECTOR;
		s += VECTOR;
	}
	if (n)
		store_ends(d, s, n);
}

/* More than 8 vectors: as load_many(), but what comes before the boundary is stored alone. */
static noinline void *store_many(unsigned char *dest, const unsigned char *s,
				 size_t n)
{
	const size_t head = -(uintptr_t)dest % VECTOR;
	unsigned char *d = dest;

	if (head) {
		store_ends(d, s, head);
		d += head;
		s += head;
		n -= head;
	}
	if (by_movsb(n)) {
		movsb(d, s, n);
		LEAVE();
		return dest;
	}
	for (; n > 4 * VECTOR; n -= 4 * VECTOR) {
		copy_four(d, s, 2 * VECTOR);
		d += 4 * VECTOR;
		s += 4 * VECTOR;
	}
	store_rest(d, s, n);
	LEAVE();
	return dest;
}

void *NAME(pagecopy_user_store)(void *dest, const void *source, size_t n,
				pagecopy_order order)
{
	const unsigned char *s = source;
	unsigned char *d = dest;

	(void)order;
	if (n < VECTOR) {
		store_ends(d, s, n);
	} else if (n < 2 * VECTOR) {
		copy_one(d, s);
		store_ends(d + VECTOR, s + VECTOR, n - VECTOR);
	} else if (n <= 4 * VECTOR) {
		store_rest(d, s, n);
	} else if (n <= 8 * VECTOR) {
		copy_four(d, s, 2 * VECTOR);
		store_rest(d + 4 * VECTOR, s + 4 * VECTOR, n - 4 * VECTOR);
	} else {
		return store_many(d, s, n);
	}
	LEAVE();
	return dest;
}
