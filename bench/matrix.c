// SPDX-License-Identifier: MIT
#include "matrix.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "pagecopy/strategy.h"
#include "arena.h"
#include "pattern.h"

#define ALL_AXES	((1U << AXIS_NR) - 1)
#define BIT(n)		(1U << (n))

bool cell_copies(const struct cell *c)
{
	return c->size && (c->strategy == PAGECOPY_S_NONE ||
			   pagecopy_strategies[c->strategy].copies) &&
	       (c->op == PAGECOPY_OP_READ || c->op == PAGECOPY_OP_WRITE);
}

const char *cell_strategy(const struct cell *c)
{
	return c->buffer == PAGECOPY_BUF_COPY ? "copy_user" :
	       names_of(&names_strategy, c->strategy);
}

bool cell_same_place(const struct cell *a, const struct cell *b)
{
	return a->path == b->path && a->op == b->op &&
	       a->buffer == b->buffer && a->ring == b->ring &&
	       a->completion == b->completion && a->depth == b->depth &&
	       a->batch == b->batch && a->size == b->size &&
	       a->threads == b->threads && a->share == b->share &&
	       a->memory == b->memory && a->offset == b->offset &&
	       a->buf_offset == b->buf_offset && a->cache == b->cache;
}

bool cell_has_memory(const struct cell *c)
{
	return c->buffer != BUFFER_NONE && c->buffer != PAGECOPY_BUF_KERNEL;
}

unsigned int cell_mutators(const struct cell *c)
{
	switch (c->mutators) {
	case MUTATORS_W1:
	case MUTATORS_R1:
		return 1;
	case MUTATORS_W2:
	case MUTATORS_R2:
		return 2;
	}
	return 0;
}

static void make_floor(struct cell *c)
{
	c->op = PAGECOPY_OP_NOP;
	c->strategy = PAGECOPY_S_nop;
	c->buffer = BUFFER_NONE;
	c->size = 0;
	c->offset = 0;
}

static bool on_axis(const struct matrix *m, enum axis axis, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < m->axis[axis].nr; i++)
		if (m->axis[axis].value[i] == value)
			return true;
	return false;
}

/* A cell of the module, as settle(). */
static unsigned int settle_module(struct cell *c)
{
	if (c->op == PAGECOPY_OP_NOP) {
		make_floor(c);
		return ALL_AXES & ~BIT(AXIS_STRATEGY) & ~BIT(AXIS_SIZE) &
		       ~BIT(AXIS_BUFFER) & ~BIT(AXIS_OFFSET);
	}
	if (c->op == PAGECOPY_OP_TOUCH) {
		c->strategy = PAGECOPY_S_nop;
		return ALL_AXES & ~BIT(AXIS_STRATEGY);
	}
	if (c->buffer == PAGECOPY_BUF_COPY) {
		c->strategy = PAGECOPY_S_NONE;
		return ALL_AXES & ~BIT(AXIS_STRATEGY);
	}
	return ALL_AXES;
}

/* One system call a command: no ring, nothing to be ahead of. */
static unsigned int settle_ioctl(const struct matrix *m, struct cell *c)
{
	c->ring = RING_NR;
	c->depth = 1;
	if (c->buffer == PAGECOPY_BUF_FIXED) {
		/* Only a ring has registered buffers. */
		if (on_axis(m, AXIS_BUFFER, PAGECOPY_BUF_USER) &&
		    c->op != PAGECOPY_OP_NOP)
			return 0;
		c->buffer = PAGECOPY_BUF_USER;
	}
	return settle_module(c) & ~BIT(AXIS_RING) & ~BIT(AXIS_DEPTH) &
	       ~BIT(AXIS_COMPLETION);
}

static unsigned int settle_path(const struct matrix *m, struct cell *c)
{
	if (c->path != PATH_URING)
		c->completion = PAGECOPY_COMPLETE_INLINE;
	switch (c->path) {
	case PATH_NULL:
	case PATH_NOP:
		make_floor(c);
		return BIT(AXIS_PATH) | BIT(AXIS_DEPTH) | BIT(AXIS_RING) |
		       BIT(AXIS_BATCH) | BIT(AXIS_THREADS) | BIT(AXIS_RATE);
	case PATH_USER:
		if (c->op != PAGECOPY_OP_READ && c->op != PAGECOPY_OP_WRITE)
			return 0;
		c->buffer = PAGECOPY_BUF_USER;
		c->ring = RING_NR;
		return ALL_AXES & ~BIT(AXIS_BUFFER) & ~BIT(AXIS_RING) &
		       ~BIT(AXIS_COMPLETION);
	case PATH_IOCTL:
		return settle_ioctl(m, c);
	}
	return settle_module(c);
}

/* What copies nothing by design has no bytes that could be anywhere. */
static unsigned int settle_cache(const struct matrix *m, struct cell *c,
				 unsigned int used)
{
	if (c->op != PAGECOPY_OP_READ && c->op != PAGECOPY_OP_WRITE) {
		c->cache = CACHE_HOT;
		used &= ~BIT(AXIS_CACHE);
	}
	if (c->cache == CACHE_HOT)
		return used;
	if (m->cold)
		c->set = m->cold->set[c->cache];
	if (c->path != PATH_USER)
		return used;
	/* The places of the walk are taken in turn, not the buffers. */
	c->depth = 1;
	return used & ~BIT(AXIS_DEPTH);
}

/*
 * Turn the cell into what it really is, and say which axes that used.
 * Return: 0 when there is no such cell.
 */
static unsigned int settle(const struct matrix *m, struct cell *c)
{
	unsigned int used = settle_path(m, c);

	if (!cell_copies(c)) {
		c->mutators = MUTATORS_NONE;
		used &= ~BIT(AXIS_MUTATORS);
	}
	if (c->ring == RING_NR) {
		c->batch = BATCH_ALL;
		used &= ~BIT(AXIS_BATCH);
	}
	used = settle_cache(m, c, used);
	if (cell_has_memory(c))
		return used;
	c->memory = MEMORY_NR;
	c->buf_offset = 0;
	return used & ~BIT(AXIS_PAGES) & ~BIT(AXIS_BUF_OFFSET);
}

static enum verdict look(const struct matrix *m, uint64_t index,
			 struct cell *c)
{
	unsigned int digit[AXIS_NR], used, i;
	uint64_t value[AXIS_NR];

	for (i = 0; i < AXIS_NR; i++) {
		digit[i] = (unsigned int)(index % m->axis[i].nr);
		value[i] = m->axis[i].value[digit[i]];
		index /= m->axis[i].nr;
	}
	c->path = (unsigned int)value[AXIS_PATH];
	c->op = (unsigned int)value[AXIS_OP];
	c->strategy = (unsigned int)value[AXIS_STRATEGY];
	c->buffer = (unsigned int)value[AXIS_BUFFER];
	c->ring = (unsigned int)value[AXIS_RING];
	c->completion = (unsigned int)value[AXIS_COMPLETION];
	c->size = (uint32_t)value[AXIS_SIZE];
	c->depth = (uint32_t)value[AXIS_DEPTH];
	c->batch = (uint32_t)value[AXIS_BATCH];
	c->memory = (unsigned int)value[AXIS_PAGES];
	c->offset = (uint32_t)value[AXIS_OFFSET];
	c->buf_offset = (uint32_t)value[AXIS_BUF_OFFSET];
	c->threads = (uint32_t)value[AXIS_THREADS];
	c->rate = value[AXIS_RATE];
	c->mutators = (unsigned int)value[AXIS_MUTATORS];
	c->cache = (unsigned int)value[AXIS_CACHE];
	c->set = 0;
	c->share = m->share;
	c->twin = false;
	used = settle(m, c);
	if (!used)
		return CELL_VOID;
	for (i = 0; i < AXIS_NR; i++)
		if (digit[i] && !(used & BIT(i)))
			return CELL_SAME;
	return matrix_check(m, c);
}

bool matrix_cell(const struct matrix *m, uint64_t index, struct cell *c)
{
	return look(m, index, c) == CELL_REAL;
}

uint64_t matrix_group_space(const struct matrix *m)
{
	return m->space / m->axis[m->pair].nr;
}

/* The index of the cell with digit @digit on the axis of the pairs. */
static uint64_t member_index(const struct matrix *m, uint64_t number,
			     unsigned int digit)
{
	uint64_t stride = 1;
	unsigned int i;

	for (i = 0; i < m->pair; i++)
		stride *= m->axis[i].nr;
	return number / stride * stride * m->axis[m->pair].nr +
	       digit * stride + number % stride;
}

/* The first cell of a group, UINT64_MAX if it has none. */
static uint64_t group_first(const struct matrix *m, uint64_t number)
{
	unsigned int i;
	struct cell c;

	for (i = 0; i < m->axis[m->pair].nr; i++)
		if (matrix_cell(m, member_index(m, number, i), &c))
			return member_index(m, number, i);
	return UINT64_MAX;
}

/* The first one that copies something, else the first one. */
static unsigned int find_base(const struct group *g)
{
	unsigned int i;

	for (i = 0; i < g->nr; i++)
		if (cell_copies(&g->cell[i]))
			return i;
	return 0;
}

bool matrix_group(const struct matrix *m, uint64_t number, struct group *g)
{
	unsigned int i;

	g->nr = 0;
	for (i = 0; i < m->axis[m->pair].nr; i++)
		g->nr += matrix_cell(m, member_index(m, number, i),
				     &g->cell[g->nr]);
	if (!g->nr)
		return false;
	g->base = find_base(g);
	g->cell[g->nr] = g->cell[g->base];
	g->cell[g->nr++].twin = true;
	return true;
}

static void count(struct matrix *m)
{
	enum verdict verdict;
	struct cell c;
	uint64_t i;

	memset(m->left_out, 0, sizeof(m->left_out));
	for (i = 0; i < m->space; i++) {
		verdict = look(m, i, &c);
		m->left_out[verdict]++;
	}
	m->groups = 0;
	for (i = 0; i < matrix_group_space(m); i++)
		m->groups += group_first(m, i) != UINT64_MAX;
	m->cells = m->left_out[CELL_REAL] + m->groups;
}

void matrix_init(struct matrix *m, const struct options *o,
		 const struct pagecopy_info *info)
{
	unsigned int i;

	memset(m, 0, sizeof(*m));
	m->axis = o->axis;
	m->pair = o->pair;
	m->share = o->share_file;
	m->cpus = UINT_MAX;
	m->max_bytes = info ? info->max_bytes : 0;
	for (i = 0; info && i < 4; i++)
		m->module[i] = info->strategies[i];
	m->space = 1;
	for (i = 0; i < AXIS_NR; i++)
		m->space *= m->axis[i].nr;
	count(m);
}

void matrix_without(struct matrix *m, enum memory kind)
{
	m->no_memory |= BIT(kind);
	count(m);
}

void matrix_cpus(struct matrix *m, unsigned int nr)
{
	m->cpus = nr;
	count(m);
}

void matrix_cold(struct matrix *m, const struct cold *cold)
{
	m->cold = cold;
	count(m);
}

/* A Feistel network: a bijection of the numbers of 2 * @half bits. */
static uint64_t shuffle(const struct walk *w, uint64_t index)
{
	uint64_t mask = (1ULL << w->half) - 1;
	uint64_t left = index >> w->half, right = index & mask, next;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		next = left ^ (pattern_mix(w->key + i * 64 + right) & mask);
		left = right;
		right = next;
	}
	return left << w->half | right;
}

void walk_start(struct walk *w, const struct matrix *m, uint64_t seed,
		uint64_t round)
{
	w->m = m;
	w->key = pattern_mix(pattern_mix(seed) + round);
	w->next = 0;
	for (w->half = 1; 1ULL << 2 * w->half < matrix_group_space(m);
	     w->half++)
		;
}

bool walk_next(struct walk *w, struct group *g)
{
	while (w->next < 1ULL << 2 * w->half) {
		w->at = shuffle(w, w->next++);
		if (w->at < matrix_group_space(w->m) &&
		    matrix_group(w->m, w->at, g))
			return true;
	}
	return false;
}
