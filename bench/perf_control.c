// SPDX-License-Identifier: MIT
#include "perf_control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define ACK	"ack\n"

__attribute__((format(printf, 3, 4)))
static int fail(struct perf_control *c, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(c->error, sizeof(c->error), fmt, args);
	va_end(args);
	return -err;
}

/* Not a file: it would take the commands, and nobody would read them. */
static int open_end(struct perf_control *c, const char *path, int flags)
{
	const int fd = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENXIO)
		return fail(c, ENXIO, "'%s': nobody reads it; start perf first",
			    path);
	if (fd < 0)
		return fail(c, errno, "'%s': %s", path, strerror(errno));
	if (!fstat(fd, &st) && !S_ISFIFO(st.st_mode) && !isatty(fd)) {
		close(fd);
		return fail(c, EINVAL, "'%s': no fifo; mkfifo makes one", path);
	}
	return fd;
}

/* Whatever an earlier user has left there. */
static void forget(int fd)
{
	char old[256];

	while (read(fd, old, sizeof(old)) > 0)
		;
}

/* Milliseconds until @end, at least 0. */
static int left_until(uint64_t end)
{
	const uint64_t now = clock_now_ns();

	return now < end ? (int)((end - now) / 1000000) + 1 : 0;
}

static int send_all(struct perf_control *c, const char *what, uint64_t end)
{
	struct pollfd p = { .fd = c->ctl, .events = POLLOUT };
	size_t done = 0, len = strlen(what);
	ssize_t n;

	while (done < len) {
		n = write(c->ctl, what + done, len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EPIPE)
			return fail(c, EPIPE, "perf has ended");
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return fail(c, errno, "%s", strerror(errno));
		else if (!poll(&p, 1, left_until(end)))
			return fail(c, ETIMEDOUT, "perf reads no commands");
	}
	return 0;
}

/*
 * Read up to the end of an answer, which may come in pieces and, as perf has
 * it, with a zero byte behind it.
 */
static int await_ack(struct perf_control *c, uint64_t end)
{
	struct pollfd p = { .fd = c->ack, .events = POLLIN };
	size_t seen = 0;
	ssize_t n;
	char byte;

	while (seen < strlen(ACK)) {
		n = read(c->ack, &byte, 1);
		if (n == 1 && !byte)
			continue;
		if (n == 1 && byte != ACK[seen])
			return fail(c, EPROTO, "perf answered something else "
				    "than ack");
		if (n == 1)
			seen++;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return fail(c, errno, "%s", strerror(errno));
		else if (!poll(&p, 1, left_until(end)))
			return fail(c, ETIMEDOUT, "no answer from perf within "
				    "%d ms", c->timeout_ms);
		else if (p.revents && !(p.revents & POLLIN))
			return fail(c, EPIPE, "perf has ended");
	}
	return 0;
}

/* By its name scripts/profile tells the samples that are of the telling. */
static __attribute__((noinline))
int perf_control_tell(struct perf_control *c, const char *what)
{
	const uint64_t end = clock_now_ns() +
			     (uint64_t)c->timeout_ms * 1000000;
	int ret;

	ret = send_all(c, what, end);
	return ret || c->ack < 0 ? ret : await_ack(c, end);
}

/* The names, then the ends; what was opened is closed by the caller. */
static int open_ends(struct perf_control *c, const char *arg)
{
	const char *comma = strchr(arg, ',');
	char ctl[4096];
	int len = (int)(comma ? comma - arg : (ssize_t)strlen(arg));

	if (!len || len >= (int)sizeof(ctl) || (comma && !comma[1]))
		return fail(c, EINVAL, "'%s': want FIFO or FIFO,ACK", arg);
	snprintf(ctl, sizeof(ctl), "%.*s", len, arg);
	if (comma) {
		c->ack = open_end(c, comma + 1, O_RDONLY);
		if (c->ack < 0)
			return c->ack;
		forget(c->ack);
	}
	c->ctl = open_end(c, ctl, O_WRONLY);
	return c->ctl < 0 ? c->ctl : 0;
}

int perf_control_open(struct perf_control *c, const char *arg, int timeout_ms)
{
	int ret;

	*c = (struct perf_control) {
		.open = true, .ctl = -1, .ack = -1, .timeout_ms = timeout_ms,
	};
	signal(SIGPIPE, SIG_IGN);
	ret = open_ends(c, arg);
	if (!ret)
		ret = perf_control_tell(c, "disable\n");
	if (ret)
		perf_control_close(c);
	return ret;
}

void perf_control_on(struct perf_control *c)
{
	if (c->open && !c->error[0])
		perf_control_tell(c, "enable\n");
}

void perf_control_off(struct perf_control *c)
{
	if (c->open && !c->error[0])
		perf_control_tell(c, "disable\n");
}

void perf_control_close(struct perf_control *c)
{
	if (c->open && c->ctl >= 0)
		close(c->ctl);
	if (c->open && c->ack >= 0)
		close(c->ack);
	c->open = false;
}
