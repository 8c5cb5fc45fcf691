// SPDX-License-Identifier: MIT
#include "stop.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "run.h"

/* What is known may take so much memory, however many cells there are. */
#define GROUPS_MAX	(1U << 16)
#define RATIOS_MAX	(1U << 21)

/* Figures whose ratio counts. */
enum figure {
	FIGURE_RATE,
	FIGURE_KERNEL,
	FIGURE_NR,
};

/**
 * struct stop_group - a group
 * @slot:   where its ratios are; 0 while it has none
 * @visits: rounds it had
 * @good:   of them, not disturbed
 * @over:   it is not measured again
 */
struct stop_group {
	uint32_t slot;
	uint32_t visits;
	uint32_t good;
	bool over;
};

unsigned int stop_rank(unsigned int n)
{
	double p = exp2(-(double)n), below = 0;
	unsigned int k;

	/* @below: P(fewer than k + 1 of n fair coins show heads). */
	for (k = 0; k < n / 2; k++) {
		below += p;
		if (1 - 2 * below < 0.95)
			break;
		p = p * (n - k) / (k + 1);
	}
	return k;
}

static uint64_t at_most(uint64_t rounds)
{
	return rounds + rounds / 2;
}

int stop_open(struct stop *s, const struct run *run)
{
	const uint64_t space = matrix_group_space(&run->m);
	const uint64_t members = run->o->axis[run->o->pair].nr + 1;
	const uint64_t rounds = at_most(run->o->rounds);
	uint64_t ratios = (run->m.groups + 1) * members * FIGURE_NR * rounds;

	s->on = space <= GROUPS_MAX && ratios <= RATIOS_MAX;
	if (!s->on)
		return 0;
	s->members = (unsigned int)members;
	s->rounds = (unsigned int)rounds;
	s->group = calloc(space, sizeof(*s->group));
	s->ratio = calloc(ratios, sizeof(*s->ratio));
	s->sorted = calloc(rounds, sizeof(*s->sorted));
	return s->group && s->ratio && s->sorted ? 0 : -ENOMEM;
}

void stop_close(struct stop *s)
{
	free(s->group);
	free(s->ratio);
	free(s->sorted);
}

bool stop_wanted(const struct stop *s, const struct run *run, uint64_t number,
		 uint64_t round)
{
	return s->on ? !s->group[number].over : round < run->o->rounds;
}

static float *ratios(const struct stop *s, const struct stop_group *g,
		     unsigned int member, enum figure figure)
{
	return s->ratio + (((size_t)g->slot * s->members + member) *
			   FIGURE_NR + figure) * s->rounds;
}

static double figure_of(const struct member *m, enum figure figure)
{
	return figure == FIGURE_RATE ? m->row.ops_per_s : m->row.kernel_ns;
}

static void take(struct stop *s, const struct run *run,
		 struct stop_group *sg, const struct group *g)
{
	enum figure figure;
	unsigned int i;

	for (i = 0; i < g->nr; i++)
		for (figure = 0; figure < FIGURE_NR; figure++)
			ratios(s, sg, i, figure)[sg->good] = (float)log(
				figure_of(&run->member[i], figure) /
				figure_of(&run->member[g->base], figure));
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* Is the ratio known to +-@width? A figure nobody can take counts as known. */
static bool known(const struct stop *s, const float *ratio, unsigned int n,
		  double width)
{
	unsigned int i, nr = 0, k;

	for (i = 0; i < n; i++)
		if (isfinite(ratio[i]))
			s->sorted[nr++] = ratio[i];
	if (!nr)
		return true;
	k = stop_rank(nr);
	if (!k)
		return false;
	qsort(s->sorted, nr, sizeof(*s->sorted), by_value);
	return s->sorted[nr - k] - s->sorted[k - 1] <= 2 * width;
}

static bool all_known(const struct stop *s, const struct run *run,
		      const struct stop_group *sg, const struct group *g)
{
	double width = log1p(run->o->precision / 100);
	enum figure figure;
	unsigned int i;

	if (!(run->o->precision > 0) || sg->good < STOP_ROUNDS_MIN)
		return false;
	for (i = 0; i < g->nr; i++)
		for (figure = 0; figure < FIGURE_NR; figure++)
			if (i != g->base && !known(s, ratios(s, sg, i, figure),
						   sg->good, width))
				return false;
	return true;
}

static bool disturbed(const struct run *run, unsigned int nr)
{
	unsigned int i;

	if (run->o->disturbed == DISTURBED_KEEP)
		return false;
	for (i = 0; i < nr; i++)
		if (run->member[i].row.disturbed)
			return true;
	return false;
}

const char *stop_add(struct stop *s, const struct run *run, uint64_t number,
		     const struct group *g, bool last)
{
	const char *why = last ? "budget" : "";
	struct stop_group *sg;

	if (!s->on)
		return run->member[0].row.round + 1 == run->o->rounds ?
			"rounds" : why;
	sg = &s->group[number];
	if (!sg->slot)
		sg->slot = ++s->slots;
	sg->visits++;
	if (!disturbed(run, g->nr)) {
		take(s, run, sg, g);
		sg->good++;
	}
	if (all_known(s, run, sg, g))
		why = "precise";
	else if (sg->good >= run->o->rounds)
		why = "rounds";
	else if (sg->visits >= s->rounds)
		why = "budget";
	sg->over = *why != '\0';
	return why;
}

void stop_over(struct stop *s, uint64_t number)
{
	if (s->on)
		s->group[number].over = true;
}
