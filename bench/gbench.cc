// SPDX-License-Identifier: MIT
#include "gbench_shim.h"

#include <benchmark/benchmark.h>

/* What C has a pointer to is the library's own state. */
static benchmark::State *state_of(struct gbench_state *state)
{
	return reinterpret_cast<benchmark::State *>(state);
}

static const benchmark::State *state_of(const struct gbench_state *state)
{
	return reinterpret_cast<const benchmark::State *>(state);
}

void gbench_init(int *argc, char **argv, void (*refused)(void))
{
	benchmark::Initialize(argc, argv, refused);
}

void gbench_help(void)
{
	benchmark::PrintDefaultHelp();
}

void gbench_register(const char *name, gbench_fn *fn, void *arg)
{
	benchmark::RegisterBenchmark(name, [fn, arg](benchmark::State &s) {
		fn(reinterpret_cast<struct gbench_state *>(&s), arg);
	});
}

int64_t gbench_wanted(const struct gbench_state *state)
{
	return state_of(state)->max_iterations;
}

bool gbench_keep(struct gbench_state *state, int64_t n)
{
	return state_of(state)->KeepRunningBatch(n);
}

int64_t gbench_turns(const struct gbench_state *state)
{
	return state_of(state)->iterations();
}

void gbench_bytes(struct gbench_state *state, int64_t bytes)
{
	state_of(state)->SetBytesProcessed(bytes);
}

void gbench_counter(struct gbench_state *state, const char *name, double total)
{
	state_of(state)->counters[name] = benchmark::Counter(
		total, benchmark::Counter::kAvgIterations);
}

void gbench_fail(struct gbench_state *state, const char *why)
{
	state_of(state)->SkipWithError(why);
}

void gbench_context(const char *key, const char *value)
{
	benchmark::AddCustomContext(key, value);
}

size_t gbench_run(void)
{
	return benchmark::RunSpecifiedBenchmarks();
}

void gbench_shutdown(void)
{
	benchmark::Shutdown();
}
