// SPDX-License-Identifier: MIT
/* Files, rings and memory of the fuzzer. */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE	(2UL << 20)
#define DEFER	(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)

static const struct fz_ring rings[] = {
	{ .name = "ioctl", .flags = FZ_BY_IOCTL },
	{ .name = "plain", .flags = 0 },
	{ .name = "plain,skip", .flags = 0, .skip = true },
	{ .name = "coop", .flags = IORING_SETUP_COOP_TASKRUN },
	{ .name = "defer", .flags = DEFER },
	{ .name = "defer,skip", .flags = DEFER, .skip = true },
	{ .name = "sqpoll", .flags = IORING_SETUP_SQPOLL, .rare = true },
	{ .name = "iopoll", .flags = IORING_SETUP_IOPOLL },
	{ .name = "sqpoll,iopoll",
	  .flags = IORING_SETUP_SQPOLL | IORING_SETUP_IOPOLL, .rare = true },
	{ .name = "sqe128", .flags = IORING_SETUP_SQE128 },
	{ .name = "cqe32", .flags = IORING_SETUP_CQE32 },
	{ .name = "defer,sqe128,cqe32",
	  .flags = DEFER | IORING_SETUP_SQE128 | IORING_SETUP_CQE32 },
	{ .name = "iopoll,cqe32",
	  .flags = IORING_SETUP_IOPOLL | IORING_SETUP_CQE32 },
};

/* splitmix64 */
uint64_t fz_random(struct fz_world *w)
{
	uint64_t z = w->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

unsigned int fz_below(struct fz_world *w, unsigned int n)
{
	return (fz_random(w) >> 33) % n;
}

static void fill(struct fz_world *w, unsigned char *p, size_t len)
{
	uint64_t *word = (uint64_t *)p;
	size_t i;

	for (i = 0; i < len / sizeof(*word); i++)
		word[i] = fz_random(w);
}

/* Pages between two inaccessible ones. */
static int open_segment(struct fz_world *w, unsigned int seg,
			unsigned int pages, int prot)
{
	struct fz_space *s = &w->space[SPACE_SEG(seg)];
	unsigned char *p = mmap(NULL, (pages + 2) * FZ_PAGE, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	s->mem = p + FZ_PAGE;
	s->bytes = pages * FZ_PAGE;
	s->shadow = malloc(s->bytes);
	if (!s->shadow)
		return -ENOMEM;
	if (mprotect(s->mem, s->bytes, PROT_READ | PROT_WRITE))
		return -errno;
	fill(w, s->mem, s->bytes);
	memcpy(s->shadow, s->mem, s->bytes);
	return mprotect(s->mem, s->bytes, prot) ? -errno : 0;
}

/*
 * Part of a huge page: of hugetlb, else a transparent one, else none. Half of
 * what it shows is in use, around its middle; a small page inside is no edge.
 */
static void open_huge(struct fz_world *w)
{
	struct fz_space *s = &w->space[SPACE_SEG(SEG_HUGE)];
	const int prot = PROT_READ | PROT_WRITE;
	unsigned char *p;
	int fd;

	fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "4", 1) < 0)
			s->bytes = 0;
		close(fd);
	}
	p = mmap(NULL, HUGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
		 MAP_POPULATE, -1, 0);
	if (p == MAP_FAILED) {
		p = mmap(NULL, 2 * HUGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0);
		if (p == MAP_FAILED)
			return;
		p = (unsigned char *)(((uintptr_t)p + HUGE - 1) & ~(HUGE - 1));
		if (madvise(p, HUGE, MADV_HUGEPAGE))
			return;
	}
	s->mem = p + HUGE / 2 - 24 * FZ_PAGE;
	s->bytes = 48 * FZ_PAGE;
	s->shadow = malloc(s->bytes);
	if (!s->shadow) {
		s->bytes = 0;
		return;
	}
	fill(w, s->mem, s->bytes);
	memcpy(s->shadow, s->mem, s->bytes);
}

/* The entries of a ring that is never used: user memory with a driver's pages. */
static int open_idle_ring(struct fz_world *w)
{
	struct fz_space *s = &w->space[SPACE_SEG(SEG_RING)];
	int ret = io_uring_queue_init(FZ_ENTRIES, &w->idle, 0);

	if (ret)
		return ret;
	s->mem = (unsigned char *)w->idle.sq.sqes;
	s->bytes = FZ_ENTRIES * sizeof(struct io_uring_sqe);
	return 0;
}

static int open_segments(struct fz_world *w)
{
	const int rw = PROT_READ | PROT_WRITE;
	int ret;

	ret = open_segment(w, SEG_MAIN, 32, rw);
	ret = ret ?: open_segment(w, SEG_RO, 4, PROT_READ);
	ret = ret ?: open_segment(w, SEG_EDGE, 2, rw);
	ret = ret ?: open_segment(w, SEG_RACED, 8, rw);
	ret = ret ?: open_segment(w, SEG_MOVING, 16, rw);
	if (ret)
		return ret;
	free(w->space[SPACE_SEG(SEG_MOVING)].shadow);
	w->space[SPACE_SEG(SEG_MOVING)].shadow = NULL;
	open_huge(w);
	return open_idle_ring(w);
}

static int open_file(struct fz_world *w, unsigned int nr, unsigned int order,
		     unsigned int pages)
{
	const struct pagecopy_setup setup = { .order = order,
					      .nr_pages = pages };
	struct fz_file *f = &w->file[nr];
	struct fz_space *s = &w->space[nr];

	f->fd = open(PAGECOPY_DEV_PATH, O_RDWR | O_CLOEXEC);
	if (f->fd < 0)
		return -errno;
	if (!pages)
		return 0;
	if (ioctl(f->fd, PAGECOPY_IOC_SETUP, &setup))
		return -errno;
	f->order = order;
	f->nr_pages = pages;
	f->page_bytes = FZ_PAGE << order;
	s->bytes = pages * f->page_bytes;
	s->shadow = malloc(s->bytes);
	s->actual = malloc(s->bytes);
	if (!s->shadow || !s->actual)
		return -ENOMEM;
	fill(w, s->shadow, s->bytes);
	if (pwrite(f->fd, s->shadow, s->bytes, 0) != (ssize_t)s->bytes)
		return -EIO;
	return 0;
}

static int open_files(struct fz_world *w)
{
	struct pagecopy_info info = {};
	int ret;

	ret = open_file(w, FILE_SMALL, 0, 8);
	ret = ret ?: open_file(w, FILE_LARGE, 4, 3);
	ret = ret ?: open_file(w, FILE_BARE, 0, 0);
	ret = ret ?: open_file(w, FILE_RACED, 0, 8);
	if (ret)
		return ret;
	if (ioctl(w->file[FILE_SMALL].fd, PAGECOPY_IOC_INFO, &info))
		return -errno;
	memcpy(w->here, info.strategies, sizeof(w->here));
	return 0;
}

static void add_buffer(struct fz_world *w, unsigned int seg)
{
	const struct fz_space *s = &w->space[SPACE_SEG(seg)];

	if (s->bytes)
		w->bufs[w->nr_bufs++] = (struct iovec){ s->mem, s->bytes };
}

static int open_ring(struct fz_world *w, struct fz_ring *r)
{
	struct io_uring_params p = {
		.flags = r->flags | IORING_SETUP_SUBMIT_ALL,
		.sq_thread_idle = 2,
	};

	if (io_uring_queue_init_params(FZ_ENTRIES, &r->ring, &p))
		return 0;
	r->here = true;
	return io_uring_register_buffers(&r->ring, w->bufs, w->nr_bufs);
}

static int open_rings(struct fz_world *w)
{
	unsigned int i;
	int ret = 0;

	add_buffer(w, SEG_MAIN);
	add_buffer(w, SEG_EDGE);
	add_buffer(w, SEG_HUGE);
	w->nr_rings = ARRAY_SIZE(rings);
	for (i = 0; i < w->nr_rings && !ret; i++) {
		w->ring[i] = rings[i];
		if (rings[i].flags & FZ_BY_IOCTL)
			w->ring[i].here = true;
		else
			ret = open_ring(w, &w->ring[i]);
	}
	return ret;
}

int fz_set_mode(struct fz_world *w, struct pagecopy_mode mode)
{
	unsigned int i;

	if (!memcmp(&mode, &w->mode, sizeof(mode)))
		return 0;
	for (i = 0; i < FILE_NR; i++)
		if (ioctl(w->file[i].fd, PAGECOPY_IOC_MODE, &mode))
			return -errno;
	w->mode = mode;
	return 0;
}

int fz_world_open(struct fz_world *w)
{
	int ret;

	w->rng = w->seed;
	w->mode.repeat = 1;
	ret = open_segments(w);
	ret = ret ?: open_files(w);
	return ret ?: open_rings(w);
}

/* Memory and mappings end with the process. */
void fz_world_close(struct fz_world *w)
{
	unsigned int i;

	for (i = 0; i < w->nr_rings; i++)
		if (w->ring[i].here && !(w->ring[i].flags & FZ_BY_IOCTL))
			io_uring_queue_exit(&w->ring[i].ring);
	io_uring_queue_exit(&w->idle);
	for (i = 0; i < FILE_NR; i++)
		close(w->file[i].fd);
}
