// SPDX-License-Identifier: MIT
#include "parse.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool parse_digits(const char **s, const char *end, uint64_t *v)
{
	const char *start = *s;

	*v = 0;
	for (; *s < end && **s >= '0' && **s <= '9'; (*s)++)
		if (__builtin_mul_overflow(*v, 10, v) ||
		    __builtin_add_overflow(*v, (uint64_t)(**s - '0'), v))
			return false;
	return *s > start;
}

static const char *check(const struct value_range *r, uint64_t v)
{
	if (v < r->min)
		return "too small";
	return v > r->max ? "too large" : NULL;
}

static const char *one_number(const struct value_range *r, const char *s,
			      const char *end, uint64_t *v)
{
	if (!parse_digits(&s, end, v) || s != end)
		return "not a number";
	return check(r, *v);
}

static const char *one_size(const struct value_range *r, const char *s,
			    const char *end, uint64_t *v)
{
	static const char units[] = "KMG";
	unsigned int shift = 0;
	const char *unit;

	if (!parse_digits(&s, end, v))
		return "not a size";
	if (s < end) {
		unit = memchr(units, *s++, 3);
		if (!unit || s != end)
			return "not a size";
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	if (*v > UINT64_MAX >> shift)
		return "too large";
	*v <<= shift;
	return check(r, *v);
}

static const char *one_name(const struct value_range *r, const char *s,
			    const char *end, uint64_t *v)
{
	int nr = names_find(r->names, s, (size_t)(end - s));

	*v = (uint64_t)nr;
	return nr < 0 ? "unknown" : NULL;
}

typedef const char *one_fn(const struct value_range *r, const char *s,
			   const char *end, uint64_t *v);

static const char *list_add(struct list *l, uint64_t v)
{
	unsigned int i;

	for (i = 0; i < l->nr; i++)
		if (l->value[i] == v)
			return "given twice";
	if (l->nr == LIST_MAX)
		return "more than 64 values";
	l->value[l->nr++] = v;
	return NULL;
}

/* One after the other, so that every wrong one is named. */
static void parse_list(one_fn *one, const struct value_range *r,
		       struct list *l, const char *text,
		       struct value_sink *sink)
{
	const char *end, *why;
	uint64_t v;

	l->nr = 0;
	for (;; text = end + 1) {
		end = text + strcspn(text, ",");
		why = end == text ? "empty" : one(r, text, end, &v);
		if (!why)
			why = list_add(l, v);
		if (why)
			sink->bad(sink, text, (size_t)(end - text), why);
		if (!*end)
			return;
	}
}

static void parse_one(one_fn *one, const struct value_range *r, uint64_t *v,
		      const char *text, struct value_sink *sink)
{
	const char *end = text + strlen(text), *why;

	why = end == text ? "empty" : one(r, text, end, v);
	if (why)
		sink->bad(sink, text, (size_t)(end - text), why);
}

/* Powers of two from @first, as `all` means them. */
static void list_powers(const struct value_range *r, struct list *l,
			uint64_t first)
{
	uint64_t v;

	l->nr = 0;
	for (v = first; v <= r->max; v *= 2)
		l->value[l->nr++] = v;
}

static void names_parse(const struct value_range *r, void *field,
			const char *text, struct value_sink *sink)
{
	struct list *l = field;
	unsigned int i;

	if (strcmp(text, "all")) {
		parse_list(one_name, r, l, text, sink);
		return;
	}
	l->nr = 0;
	for (i = r->names->first; i < r->names->nr; i++)
		if (r->names->name[i])
			l->value[l->nr++] = i;
}

static void names_put(const struct value_range *r, const void *field, FILE *f)
{
	const struct list *l = field;
	unsigned int i;

	for (i = 0; i < l->nr; i++)
		fprintf(f, "%s%s", i ? "," : "",
			names_of(r->names, (unsigned int)l->value[i]));
}

static void names_allowed(const struct value_range *r, FILE *f)
{
	fputs("all, or a comma list of ", f);
	names_print(r->names, f, " ");
}

const struct value_kind kind_names = { names_parse, names_put, names_allowed };

static const char *ring_conflict(unsigned int base, unsigned int other)
{
	if (base != RING_SQPOLL && other != RING_SQPOLL)
		return "two of auto plain coop defer sqpoll";
	if (base == RING_DEFER || other == RING_DEFER)
		return "the kernel refuses DEFER_TASKRUN with SQPOLL";
	if (base == RING_COOP || other == RING_COOP)
		return "the kernel refuses COOP_TASKRUN with SQPOLL";
	return "two of auto plain coop defer sqpoll";
}

/* A base and flags in any order, as in defer+sqe128. */
static const char *one_ring(const struct value_range *r, const char *s,
			    const char *end, uint64_t *v)
{
	static const struct {
		const char *name;
		unsigned int bit;
	} flags[] = {
		{ "iopoll", RING_IOPOLL },
		{ "sqe128", RING_SQE128 },
		{ "cqe32", RING_CQE32 },
	};
	unsigned int ring = 0, i;
	const char *stop;
	bool based = false;
	int base;

	for (;; s = stop + 1) {
		stop = memchr(s, '+', (size_t)(end - s));
		if (!stop)
			stop = end;
		for (i = 0; i < 3; i++)
			if (strlen(flags[i].name) == (size_t)(stop - s) &&
			    !memcmp(flags[i].name, s, (size_t)(stop - s)))
				break;
		if (i < 3) {
			if (ring & flags[i].bit)
				return "a flag given twice";
			ring |= flags[i].bit;
		} else {
			base = names_find(r->names, s, (size_t)(stop - s));
			if (base < 0)
				return "unknown";
			if (based)
				return ring_conflict(ring & RING_BASE,
						     (unsigned int)base);
			based = true;
			ring |= (unsigned int)base;
		}
		if (stop == end)
			break;
	}
	*v = ring;
	return based ? NULL : "none of auto plain coop defer sqpoll";
}

static void rings_parse(const struct value_range *r, void *field,
			const char *text, struct value_sink *sink)
{
	struct list *l = field;

	if (strcmp(text, "all")) {
		parse_list(one_ring, r, l, text, sink);
		return;
	}
	l->nr = 0;
	while (l->nr < RING_BASE_NR - RING_PLAIN) {
		l->value[l->nr] = RING_PLAIN + l->nr;
		l->nr++;
	}
}

static void rings_allowed(const struct value_range *r, FILE *f)
{
	(void)r;
	fputs("all, or a comma list of auto plain coop defer sqpoll, each "
	      "with any of +iopoll +sqe128 +cqe32", f);
}

const struct value_kind kind_rings = { rings_parse, names_put, rings_allowed };

static void name_parse(const struct value_range *r, void *field,
		       const char *text, struct value_sink *sink)
{
	uint64_t v = 0;

	parse_one(one_name, r, &v, text, sink);
	*(unsigned int *)field = (unsigned int)v;
}

static void name_put(const struct value_range *r, const void *field, FILE *f)
{
	fputs(names_of(r->names, *(const unsigned int *)field), f);
}

static void name_allowed(const struct value_range *r, FILE *f)
{
	fputs("one of ", f);
	names_print(r->names, f, " ");
}

const struct value_kind kind_name = { name_parse, name_put, name_allowed };

void print_size(uint64_t bytes, FILE *f)
{
	if (bytes && !(bytes % (1 << 20)))
		fprintf(f, "%" PRIu64 "M", bytes >> 20);
	else if (bytes && !(bytes % (1 << 10)))
		fprintf(f, "%" PRIu64 "K", bytes >> 10);
	else
		fprintf(f, "%" PRIu64, bytes);
}

static void sizes_parse(const struct value_range *r, void *field,
			const char *text, struct value_sink *sink)
{
	if (strcmp(text, "all"))
		parse_list(one_size, r, field, text, sink);
	else
		list_powers(r, field, 64);
}

static void sizes_put(const struct value_range *r, const void *field, FILE *f)
{
	const struct list *l = field;
	unsigned int i;

	(void)r;
	for (i = 0; i < l->nr; i++) {
		fputs(i ? "," : "", f);
		print_size(l->value[i], f);
	}
}

static void size_range(const struct value_range *r, FILE *f)
{
	print_size(r->min, f);
	fputs(" to ", f);
	print_size(r->max, f);
}

static void sizes_allowed(const struct value_range *r, FILE *f)
{
	fputs("all, or a comma list of sizes like 64,4K,2M, each ", f);
	size_range(r, f);
}

const struct value_kind kind_sizes = { sizes_parse, sizes_put, sizes_allowed };

static void size_parse(const struct value_range *r, void *field,
		       const char *text, struct value_sink *sink)
{
	parse_one(one_size, r, field, text, sink);
}

static void size_put(const struct value_range *r, const void *field, FILE *f)
{
	(void)r;
	print_size(*(const uint64_t *)field, f);
}

static void size_allowed(const struct value_range *r, FILE *f)
{
	fputs("a size like 64 or 4K, ", f);
	size_range(r, f);
}

const struct value_kind kind_size = { size_parse, size_put, size_allowed };

static void numbers_parse(const struct value_range *r, void *field,
			  const char *text, struct value_sink *sink)
{
	if (strcmp(text, "all"))
		parse_list(one_number, r, field, text, sink);
	else
		list_powers(r, field, r->min);
}

static void numbers_put(const struct value_range *r, const void *field,
			FILE *f)
{
	const struct list *l = field;
	unsigned int i;

	(void)r;
	for (i = 0; i < l->nr; i++)
		fprintf(f, "%s%" PRIu64, i ? "," : "", l->value[i]);
}

static void number_range(const struct value_range *r, FILE *f)
{
	if (r->min == r->max)
		fprintf(f, "%" PRIu64, r->min);
	else
		fprintf(f, "%" PRIu64 " to %" PRIu64, r->min, r->max);
}

static void numbers_allowed(const struct value_range *r, FILE *f)
{
	fputs("all, or a comma list of numbers, each ", f);
	number_range(r, f);
}

const struct value_kind kind_numbers = {
	numbers_parse, numbers_put, numbers_allowed
};

/* A number, or one of the names, which stand for numbers below the range. */
static const char *one_special(const struct value_range *r, const char *s,
			       const char *end, uint64_t *v)
{
	return one_name(r, s, end, v) ? one_number(r, s, end, v) : NULL;
}

static void specials_parse(const struct value_range *r, void *field,
			   const char *text, struct value_sink *sink)
{
	parse_list(one_special, r, field, text, sink);
}

static void specials_put(const struct value_range *r, const void *field,
			 FILE *f)
{
	const struct list *l = field;
	unsigned int i;

	for (i = 0; i < l->nr; i++) {
		fputs(i ? "," : "", f);
		if (l->value[i] < r->names->nr)
			fputs(names_of(r->names, (unsigned int)l->value[i]), f);
		else
			fprintf(f, "%" PRIu64, l->value[i]);
	}
}

static void specials_allowed(const struct value_range *r, FILE *f)
{
	fputs("a comma list of numbers, each ", f);
	number_range(r, f);
	fputs(", and `", f);
	names_print(r->names, f, "`, `");
	fputs("`", f);
}

const struct value_kind kind_specials = {
	specials_parse, specials_put, specials_allowed
};

static void number_parse(const struct value_range *r, void *field,
			 const char *text, struct value_sink *sink)
{
	parse_one(one_number, r, field, text, sink);
}

static void number_put(const struct value_range *r, const void *field,
		       FILE *f)
{
	(void)r;
	fprintf(f, "%" PRIu64, *(const uint64_t *)field);
}

static void number_allowed(const struct value_range *r, FILE *f)
{
	fputs("a number, ", f);
	number_range(r, f);
}

const struct value_kind kind_number = {
	number_parse, number_put, number_allowed
};

static void real_parse(const struct value_range *r, void *field,
		       const char *text, struct value_sink *sink)
{
	double *v = field;
	char *end;

	*v = strtod(text, &end);
	if (end == text || *end || isnan(*v))
		sink->bad(sink, text, strlen(text), "not a number");
	else if (*v < (double)r->min || *v > (double)r->max)
		sink->bad(sink, text, strlen(text), "out of range");
}

static void real_put(const struct value_range *r, const void *field, FILE *f)
{
	(void)r;
	fprintf(f, "%g", *(const double *)field);
}

const struct value_kind kind_real = { real_parse, real_put, number_allowed };

static void text_parse(const struct value_range *r, void *field,
		       const char *text, struct value_sink *sink)
{
	(void)r;
	*(const char **)field = text;
	if (!*text)
		sink->bad(sink, text, 0, "empty");
}

static void text_put(const struct value_range *r, const void *field, FILE *f)
{
	(void)r;
	fputs(*(const char *const *)field, f);
}

static void text_allowed(const struct value_range *r, FILE *f)
{
	(void)r;
	fputs("any text", f);
}

const struct value_kind kind_text = { text_parse, text_put, text_allowed };

static void flag_parse(const struct value_range *r, void *field,
		       const char *text, struct value_sink *sink)
{
	(void)r;
	(void)text;
	(void)sink;
	*(bool *)field = true;
}

static void flag_put(const struct value_range *r, const void *field, FILE *f)
{
	(void)r;
	fputs(*(const bool *)field ? "yes" : "no", f);
}

static void flag_allowed(const struct value_range *r, FILE *f)
{
	(void)r;
	fputs("no value", f);
}

const struct value_kind kind_flag = { flag_parse, flag_put, flag_allowed };
