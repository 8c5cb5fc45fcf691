# SPDX-License-Identifier: MIT
"""The columns of the CSV: what they hold, which are needed, why some are empty."""

SCHEMA = 1

TEXT = (
    "run_id", "platform", "path", "op", "strategy", "buffer", "completion",
    "ring", "cache", "verified", "notes", "pages",
    "batch", "stop", "mutators",
)
NUMBER = (
    "schema", "round", "order", "size", "offset", "depth", "threads", "rate",
    "ops", "bytes", "seconds", "ops_per_s", "gb_per_s", "lat_mean_ns",
    "lat_p50_ns", "lat_p90_ns", "lat_p99_ns", "lat_p999_ns", "lat_max_ns",
    "kernel_ns", "cycles_user", "cycles_kernel", "instructions_kernel",
    "completed_inline", "completed_task", "completed_iowq", "errors",
    "lat_batch", "kernel_cmd_ns", "buffers", "completed_work", "completed_poll",
    "buf_offset", "turns", "kernel_ns_user",
    "instructions_user", "llc_misses_user", "llc_misses_kernel",
    "dtlb_misses_user", "dtlb_misses_kernel",
    "page_faults", "context_switches", "cpu_migrations",
    "rate_kept", "resp_mean_ns", "resp_p50_ns", "resp_p90_ns", "resp_p99_ns",
    "resp_p999_ns", "resp_max_ns",
    "preempted", "interrupts", "steal_ns", "cpu_mhz", "disturbed", "mutations",
)

# A file without these cannot be summed up or drawn.
NEEDED = (
    "schema", "round", "platform", "path", "op", "strategy", "size", "depth",
    "buffer", "ops_per_s", "gb_per_s", "lat_p50_ns", "lat_p99_ns", "kernel_ns",
)
# Never empty in any row: they say what the row is.
FILLED = ("schema", "round", "path", "op", "strategy", "size", "depth")

# What names a cell; the same cell comes back once in every round.
CELL = (
    "path", "op", "strategy", "size", "offset", "depth", "buffer",
    "completion", "ring", "cache", "threads", "rate", "pages", "buf_offset",
    "batch", "mutators",
)
# One start of the program: a file may hold several (scripts/bench --repeat).
RUN = ("source", "run_id")
# Two rows of one round may be set against each other.
ROUND = (*RUN, "round")

# Why a column may be empty, where the file itself (`#empty:`) does not say.
_LATENCY = "no latency was taken (--latency off)"
_CLOSED = "closed loop, no rate was asked for"
_RING = "no command of the module was measured"
_CLOSED = "closed loop, no rate was asked for"
WHY_EMPTY = {
    "rate": _CLOSED,
    "rate_kept": _CLOSED,
    "resp_mean_ns": _CLOSED,
    "resp_p50_ns": _CLOSED,
    "resp_p90_ns": _CLOSED,
    "resp_p99_ns": _CLOSED,
    "resp_p999_ns": _CLOSED,
    "resp_max_ns": _CLOSED,
    "lat_mean_ns": _LATENCY,
    "lat_p50_ns": _LATENCY,
    "lat_p90_ns": _LATENCY,
    "lat_p99_ns": _LATENCY,
    "lat_p999_ns": _LATENCY,
    "lat_max_ns": _LATENCY,
    "lat_batch": _LATENCY,
    "gb_per_s": "nothing was copied",
    "kernel_ns": "no copy of the module was timed",
    "kernel_ns_user": "no copy of the module was timed",
    "kernel_cmd_ns": "no copy of the module was timed",
    "completed_inline": _RING,
    "completed_task": _RING,
    "completed_iowq": _RING,
    "completed_work": _RING,
    "completed_poll": _RING,
}
EMPTY_IS_FINE = frozenset({"notes", "stop", "mutators", "mutations"})
