// SPDX-License-Identifier: MIT
#include "break.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Where a guest has the module it was booted with. */
#define MODULE_FILE	"/pagecopy.ko"
/* Teardown that takes longer is stuck. */
#define SETTLE_S	20

const char *const mode_names[MODES] = {
	"inline", "task", "work", "iowq", "poll",
};

uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

unsigned int random_below(uint64_t *state, unsigned int n)
{
	return (random_next(state) >> 33) % n;
}

double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

void linger_us(unsigned int us)
{
	const double end = seconds_now() + us * 1e-6;

	do
		sched_yield();
	while (seconds_now() < end);
}

/* Emulation is 10 to 30 times slower, and has two CPUs for all the threads. */
unsigned int slowness(void)
{
	return getenv("PAGECOPY_EMULATED") ? 20 : 1;
}

struct pagecopy_info live_now(void)
{
	struct pagecopy_info info = {};
	int fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);

	info.live_files = ~0ULL;
	if (fd < 0)
		return info;
	ioctl(fd, PAGECOPY_IOC_INFO, &info);
	close(fd);
	info.live_files--;
	return info;
}

bool live_settles(unsigned int files)
{
	const double end = seconds_now() + SETTLE_S;
	struct pagecopy_info now;

	do {
		now = live_now();
		if (now.live_files == files && !now.live_pins &&
		    !now.live_cmds && (files || !now.live_pages))
			return true;
		usleep(1000);
	} while (seconds_now() < end);
	tap_note("left: files %lld (expected %u) pages %lld pins %lld commands %lld",
		 (long long)now.live_files, files, (long long)now.live_pages,
		 (long long)now.live_pins, (long long)now.live_cmds);
	return false;
}

int set_mode(int fd, unsigned int completion, unsigned int repeat)
{
	const struct pagecopy_mode mode = {
		.completion = completion,
		.repeat = repeat,
	};

	return ioctl(fd, PAGECOPY_IOC_MODE, &mode) ? -errno : 0;
}

int set_up(int fd, unsigned int order, unsigned int nr_pages)
{
	const struct pagecopy_setup setup = {
		.order = order,
		.nr_pages = nr_pages,
	};

	return ioctl(fd, PAGECOPY_IOC_SETUP, &setup) ? -errno : 0;
}

static void alarmed(int sig)
{
	(void)sig;
}

int wait_for(pid_t pid, int *status, double limit_s)
{
	const struct sigaction act = { .sa_handler = alarmed };
	const double end = seconds_now() + limit_s;
	pid_t got;

	sigaction(SIGALRM, &act, NULL);
	do {
		alarm(1);
		got = waitpid(pid, status, 0);
		alarm(0);
	} while (got < 0 && errno == EINTR && seconds_now() < end);
	return got == pid ? 0 : got < 0 && errno != EINTR ? -errno : -ETIME;
}

int module_load(const char *parameters)
{
	int fd = open(MODULE_FILE, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = syscall(__NR_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return ret;
}

int module_unload(void)
{
	return syscall(__NR_delete_module, PAGECOPY_DEV_NAME, O_NONBLOCK) ?
	       -errno : 0;
}

const char *no_reload(void)
{
	if (getuid())
		return "only root may load modules";
	if (access(MODULE_FILE, R_OK))
		return "no " MODULE_FILE ": not in a guest of scripts/vm";
	return NULL;
}
