# SPDX-License-Identifier: MIT
"""scripts/guest/check-log: which lines of a kernel log fail a run, and which data races."""

import subprocess

import pytest
import shell

BEGIN = "[    3.884166] scripts/vm: begin\n"


def check(log):
    return subprocess.run([shell.SCRIPTS / "guest/check-log"], input=log, capture_output=True,
                          text=True, check=False)


# Without the words WARNING: and BUG: that most come with: each is known by itself.
@pytest.mark.parametrize("line", [
    "WARNING: CPU: 0 PID: 7 at driver/cmd.c:12 pc_cmd+0x1/0x2 [pagecopy]",
    "possible irq lock inversion dependency detected",
    "possible circular locking dependency detected",
    "possible recursive locking detected",
    "inconsistent lock state",
    "bad unlock balance detected!",
    "held lock freed!",
    "lock held when returning to user space!",
    "driver-fuzz/12 still has locks held!",
    "[ Invalid wait context ]",
    "SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected",
    "suspicious RCU usage",
    "sleeping function called from invalid context at mm/gup.c:1",
    "scheduling while atomic: driver-tests/12/0x00000002",
    "INFO: task driver-tests:12 blocked for more than 120 seconds.",
    "watchdog: soft lockup - CPU#1 stuck for 22s! [driver-tests:12]",
    "watchdog: Watchdog detected hard LOCKUP on cpu 0",
    "rcu: INFO: rcu_preempt self-detected stall on CPU",
    "rcu_sched self-detected stall on CPU",
    "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
    "workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!",
    "KASAN: slab-use-after-free in pc_cmd_end+0x1/0x2 [pagecopy]",
    "UBSAN: shift-out-of-bounds in driver/cmd.c:12:3",
    "ODEBUG: free active (active state 0) object: 1 object type: work_struct",
    "kmemleak: unreferenced object 0xffff888003b0a000 (size 64):",
    "kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
    "kmemleak: Memory pool empty, kmemleak disabled",
    "list_del corruption. prev->next should be ffff, but was 0000",
    "refcount_t: underflow; use-after-free.",
    "Oops: general protection fault, probably for non-canonical address: 0000 [#1]",
    "unable to handle page fault for address: 0000",
    "BUG: a bug",
    "Bad page state in process driver-tests  pfn:01234",
    "Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: f",
    "Out of memory: Killed process 12 (driver-tests)",
    "Call Trace:",
])
def test_a_bad_line(line):
    done = check(f"{BEGIN}[   12.000001] {line}\n")
    assert done.returncode == 1
    assert line in done.stdout


@pytest.mark.parametrize("line", [
    "pagecopy: loading out-of-tree module taints kernel.",
    "clocksource: Switched to clocksource hpet", "debugging: a warning", "reboot: Power down",
    "kcsan: enabled", "kmemleak: Automatic memory scanning thread started", "",
])
def test_a_harmless_line(line):
    done = check(f"{BEGIN}[   12.000001] {line}\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_the_boot_said_is_not_ours():
    assert check(f"WARNING: CPU: 0 at arch/x86/a.c:1\n{BEGIN}fine\n").returncode == 0


def test_a_log_without_the_mark_counts_as_a_whole():
    assert check("WARNING: CPU: 0 at arch/x86/a.c:1\n").returncode == 1


def test_an_empty_log_is_good():
    assert check("").returncode == 0


def test_usage():
    tool = shell.SCRIPTS / "guest/check-log"
    for words in (["--fast"], ["a", "b"]):
        done = subprocess.run([tool, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 2, words


# Stacks, the racing access first.
COPY = ["pc_loop_words+0x1d/0x30 [pagecopy]", "pc_run+0x4/0x80 [pagecopy]",
        "pc_uring_cmd+0x8/0x90 [pagecopy]", "io_uring_cmd+0x5/0x60", "io_issue_sqe+0x1/0x2"]
BYTES = ["pagecopy_copy_bytes+0x1d/0x30 [pagecopy]", *COPY]
WORDS = ["pagecopy_copy_words.isra.0+0x1d/0x30 [pagecopy]", *COPY]
RAW = ["pagecopy_copy_raw+0x1d/0x30 [pagecopy]", *COPY]
MEMCPY = ["pagecopy_copy_memcpy.constprop.0+0x1d/0x30 [pagecopy]", *COPY]
KERNEL_MEMCPY = ["memcpy+0x2/0x9", *COPY]
OWN = ["pc_cmd_end+0x1d/0x30 [pagecopy]", "pc_uring_cmd+0x8/0x90 [pagecopy]"]
CALLED = ["io_uring_cmd_done+0x7/0x70", *OWN]
OWN_MEMCPY = ["memcpy+0x2/0x9", "pc_snapshot+0x1/0x2 [pagecopy]", "io_uring_cmd+0x5/0x60"]
USER = ["_copy_to_user+0x3/0x20", "pc_read+0x9/0x99 [pagecopy]", "vfs_read+0x1/0x2"]
USER_OF_KERNEL = ["_copy_from_iter+0x3/0x20", "pipe_write+0x9/0x99", "vfs_write+0x1/0x2"]
KERNEL = ["wake_up_new_task+0x3/0x20", "kernel_clone+0x9/0x99"]
QUEUED = ["io_req_local_work_add+0x1e1/0x2f0", "__io_req_task_work_add+0x3c/0x60",
          "__io_uring_cmd_do_in_task+0x41/0x50", "pc_work_fn+0xa5/0x140 [pagecopy]"]
CLEARED = ["clear_page_rep+0x3/0x20", "get_page_from_freelist+0x9/0x99"]


def access(stack, head):
    lines = [head, *(f" {frame}" for frame in stack), ""]
    return lines


def report(one, other=None, between=()):
    """A report as KCSAN prints it, with the time in front of every line."""
    names = [s[0].split("+")[0] for s in (one, other) if s]
    lines = ["=" * 66, f"BUG: KCSAN: data-race in {' / '.join(names)}", ""]
    by = "0xffff888003b0a000 of 8 bytes by task"
    if other:
        lines += access(one, f"write to {by} 12 on cpu 1:")
        lines += between
        lines += access(other, f"read to {by} 13 on cpu 0:")
    else:
        lines += access(one, f"race at unknown origin, with read to {by} 12 on cpu 1:")
    lines += ["value changed: 0x0000000000000001 -> 0x0000000000000002", "",
              "Reported by Kernel Concurrency Sanitizer on:",
              "CPU: 0 UID: 0 PID: 13 Comm: driver-tests Tainted: G O 6.12.0 #1",
              "Tainted: [O]=OOT_MODULE", "Hardware name: a PC", "=" * 66]
    return "".join(f"[   12.{n:06}] {line}\n" for n, line in enumerate(lines))


@pytest.mark.parametrize("one, other", [
    (COPY, COPY), (COPY, BYTES), (KERNEL_MEMCPY, COPY), (COPY, USER), (USER, COPY),
    (USER_OF_KERNEL, COPY), (COPY, None), (USER, None), (RAW, RAW), (RAW, BYTES), (WORDS, MEMCPY),
    (RAW, None), (MEMCPY, None), (USER, BYTES),
])
def test_copies_of_the_same_bytes_may_race(one, other):
    done = check(BEGIN + report(one, other) + report(one, other) + "fine\n")
    assert (done.returncode, done.stdout) == (0, "")
    assert "data races: 2 between copies of the same bytes: expected" in done.stderr


@pytest.mark.parametrize("one, other", [
    (OWN, OWN), (OWN, COPY), (COPY, OWN), (CALLED, KERNEL), (KERNEL, CALLED), (OWN_MEMCPY, COPY),
    (OWN_MEMCPY, None), (OWN, None), (KERNEL, OWN), (COPY, KERNEL), (COPY, CLEARED),
    (USER, OWN),
])
def test_bookkeeping_must_not_race(one, other):
    done = check(BEGIN + report(COPY, COPY) + report(one, other) + report(KERNEL, KERNEL))
    assert done.returncode == 1
    name = one[0].split("+")[0]
    assert f"BUG: KCSAN: data-race in {name}" in done.stdout
    assert done.stdout.count("KCSAN") == 1


@pytest.mark.parametrize("one, other", [
    (BYTES, BYTES), (BYTES, WORDS), (WORDS, None), (BYTES, KERNEL), (KERNEL, WORDS),
])
def test_copies_that_are_atomic_must_not_race(one, other):
    done = check(BEGIN + report(RAW, BYTES) + report(one, other))
    assert done.returncode == 1
    assert done.stdout.count("KCSAN") == 1
    assert "data races: 1 between copies" in done.stderr


def test_task_work_may_be_queued_in_any_context():
    done = check(BEGIN + report(QUEUED, KERNEL))
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 within the kernel: data-race in io_req_local_work_add" in done.stderr
    assert check(BEGIN + report(QUEUED, OWN)).returncode == 1


def test_races_of_the_kernel_alone_are_counted():
    done = check(BEGIN + report(KERNEL, KERNEL) + report(CLEARED))
    assert (done.returncode, done.stdout) == (0, "")
    assert "data races: 1 within the kernel: data-race in wake_up_new_task" in done.stderr


def test_a_report_that_was_cut_off_is_a_fault():
    whole = report(COPY, COPY)
    assert check(BEGIN + whole[:whole.index("value changed")]).returncode == 1


def test_a_line_of_another_cpu_within_a_report_is_still_seen():
    bad = ["WARNING: CPU: 1 PID: 3 at mm/gup.c:1"]
    done = check(BEGIN + report(COPY, COPY, between=bad))
    assert done.returncode == 1
    assert bad[0] in done.stdout
    assert "KCSAN" not in done.stdout


def test_other_rules_of_equal_signs_are_no_report():
    done = check(BEGIN + "=" * 66 + "\nBUG: KASAN: use-after-free in f+0x1/0x2\n" + "=" * 66 + "\n")
    assert done.returncode == 1
    assert "KASAN" in done.stdout
