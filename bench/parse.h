/* SPDX-License-Identifier: MIT */
/*
 * Values of the command line. Each kind of value is one struct value_kind:
 * how it is read, how it is printed back, and what is allowed.
 */
#ifndef PAGECOPY_PARSE_H
#define PAGECOPY_PARSE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "names.h"

#define LIST_MAX	64

/**
 * struct list - the values of one axis, as asked for
 * @nr:    how many
 * @value: numbers, or numbers of names
 */
struct list {
	unsigned int nr;
	uint64_t value[LIST_MAX];
};

static inline bool list_has(const struct list *l, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < l->nr; i++)
		if (l->value[i] == value)
			return true;
	return false;
}

/** list_largest() - its largest value; 0 when it is empty */
static inline uint64_t list_largest(const struct list *l)
{
	uint64_t max = 0;
	unsigned int i;

	for (i = 0; i < l->nr; i++)
		if (l->value[i] > max)
			max = l->value[i];
	return max;
}

/**
 * struct value_range - what a value may be
 * @names: for names
 * @min:   for numbers and sizes
 * @max:   for numbers and sizes
 */
struct value_range {
	const struct names *names;
	uint64_t min;
	uint64_t max;
};

/**
 * struct value_sink - told of every mistake
 * @bad: the @len bytes at @item cannot be taken because of @why
 */
struct value_sink {
	void (*bad)(struct value_sink *sink, const char *item, size_t len,
		    const char *why);
};

/**
 * struct value_kind - a kind of value
 * @parse:   read @text into @field
 * @print:   the value of @field as @parse would take it
 * @allowed: what @parse takes, for a person
 */
struct value_kind {
	void (*parse)(const struct value_range *r, void *field,
		      const char *text, struct value_sink *sink);
	void (*print)(const struct value_range *r, const void *field, FILE *f);
	void (*allowed)(const struct value_range *r, FILE *f);
};

extern const struct value_kind kind_names;	/* struct list */
extern const struct value_kind kind_rings;	/* struct list */
extern const struct value_kind kind_name;	/* unsigned int */
extern const struct value_kind kind_sizes;	/* struct list */
extern const struct value_kind kind_size;	/* uint64_t */
extern const struct value_kind kind_numbers;	/* struct list */
extern const struct value_kind kind_specials;	/* struct list */
extern const struct value_kind kind_number;	/* uint64_t */
extern const struct value_kind kind_real;	/* double */
extern const struct value_kind kind_text;	/* const char * */
extern const struct value_kind kind_flag;	/* bool; takes no text */

/** print_size() - 64, 4K, 2M */
void print_size(uint64_t bytes, FILE *f);

#endif
