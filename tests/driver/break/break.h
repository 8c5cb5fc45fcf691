/* SPDX-License-Identifier: MIT */
/* What the groups of driver-break share. */
#ifndef BREAK_H
#define BREAK_H

#include "../dev.h"
#include "../tap.h"

#include <stdint.h>
#include <sys/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define DEFER	(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)

#define MODES	(PAGECOPY_COMPLETE_POLL + 1)

/**
 * struct options - how much of it
 * @seed:   of everything that is random
 * @points: at which something is killed, closed or left
 */
struct options {
	uint64_t seed;
	unsigned int points;
};

extern const char *const mode_names[MODES];

/* The groups: each reports its tests. */
void break_points(const struct options *o);
void break_long(const struct options *o);
void break_faults(const struct options *o);
void break_caps(const struct options *o);
void break_module(const struct options *o);

/* util.c */

/* Numbers that the seed decides. */
uint64_t random_next(uint64_t *state);
unsigned int random_below(uint64_t *state, unsigned int n);

double seconds_now(void);

/* Wait that long without sleeping: timers may be coarse, the CPU the only one. */
void linger_us(unsigned int us);

/* How much slower this machine is than the one the limits were made for. */
unsigned int slowness(void);

/* What the module holds now, seen through a file that is opened for it. */
struct pagecopy_info live_now(void);

/**
 * live_settles() - does everything come back to nothing?
 * @files: open files that stay
 *
 * Rings are torn down late, so this waits a while. Return: false after a
 * report of what is left.
 */
bool live_settles(unsigned int files);

int set_mode(int fd, unsigned int completion, unsigned int repeat);
int set_up(int fd, unsigned int order, unsigned int nr_pages);

/* waitpid() with a limit: 0, or -ETIME. */
int wait_for(pid_t pid, int *status, double limit_s);

/* 0 or negative errno. */
int module_load(const char *parameters);
int module_unload(void);

/* Can a module be taken out and put back here? A reason if not. */
const char *no_reload(void);

#endif /* BREAK_H */
