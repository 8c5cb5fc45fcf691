// SPDX-License-Identifier: MIT
#include "lap.h"

#include <stdlib.h>

#include "pattern.h"

/* Every order is as likely as any other. */
static void shuffle(struct lap *lap, uint64_t key)
{
	uint32_t i, k, other;

	for (i = lap->nr - 1; i > 0; i--) {
		k = (uint32_t)(pattern_mix(key + i) % (i + 1));
		other = lap->place[k];
		lap->place[k] = lap->place[i];
		lap->place[i] = other;
	}
}

static struct lap *make(const struct layout *l, uint64_t seed)
{
	const uint32_t nr = l->buffers * l->slots;
	struct lap *lap = calloc(1, sizeof(*lap) + nr * sizeof(*lap->place));
	uint32_t i;

	if (!lap)
		return NULL;
	lap->buffers = l->buffers;
	lap->slots = l->slots;
	lap->nr = nr;
	for (i = 0; i < nr; i++)
		lap->place[i] = LAP_PLACE(i / l->slots, i % l->slots);
	shuffle(lap, pattern_mix(seed));
	return lap;
}

struct lap *lap_of(struct lap **laps, const struct layout *l, uint64_t seed)
{
	struct lap *lap;

	for (lap = *laps; lap; lap = lap->next)
		if (lap->buffers == l->buffers && lap->slots == l->slots)
			return lap;
	lap = make(l, seed);
	if (!lap)
		return NULL;
	lap->next = *laps;
	*laps = lap;
	return lap;
}

void lap_free(struct lap *laps)
{
	struct lap *next;

	for (; laps; laps = next) {
		next = laps->next;
		free(laps);
	}
}
