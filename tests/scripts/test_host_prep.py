# SPDX-License-Identifier: MIT
"""scripts/host-prep on a made-up machine: what it changes, and that all of it comes back."""

import os
import re
import signal
import subprocess
import time

import pytest
import shell

CPUS = "sys/devices/system/cpu"
KERNEL = "proc/sys/kernel"
# What is there, and what it must be while the command runs on CPU 1.
FILES = {
    f"{CPUS}/online": ("0-3", "0-3"),
    f"{CPUS}/cpu0/cpufreq/scaling_governor": ("powersave", "powersave"),
    f"{CPUS}/cpu1/cpufreq/scaling_governor": ("powersave", "performance"),
    f"{CPUS}/intel_pstate/no_turbo": ("0", "1"),
    f"{CPUS}/cpu1/topology/thread_siblings_list": ("1,3", "1,3"),
    f"{CPUS}/cpu3/online": ("1", "1"),
    "proc/irq/24/smp_affinity_list": ("0-2", "0,2"),
    "proc/irq/25/smp_affinity_list": ("1", "0,2-3"),
    "proc/irq/26/smp_affinity_list": ("2", "2"),
    "proc/irq/5/smp_affinity_list": ("0-3", "0-3"),
    f"{KERNEL}/nmi_watchdog": ("1", "0"),
    f"{KERNEL}/perf_event_paranoid": ("2", "1"),
    f"{KERNEL}/kptr_restrict": ("0", "0"),
    f"{KERNEL}/io_uring_disabled": ("2", "0"),
    f"{KERNEL}/randomize_va_space": ("2", "2"),
    "sys/kernel/mm/transparent_hugepage/enabled": ("always", "always"),
}
HANDLERS = ("proc/irq/24/eth0", "proc/irq/25/nvme0", "proc/irq/26/eth1")
BEFORE = {name: was for name, (was, _) in FILES.items()}
DURING = {name: now for name, (_, now) in FILES.items()}
LATENCY = "dev/cpu_dma_latency"
STATE = "run/pagecopy-host-prep.state"


@pytest.fixture(name="root")
def made_up_machine(tmp_path):
    root = tmp_path / "a machine"
    for name, was in BEFORE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(was + "\n")
    for name in HANDLERS:
        (root / name).mkdir()
    (root / "dev").mkdir()
    (root / LATENCY).touch()
    return root


def state(root):
    return {name: (root / name).read_text().strip() for name in FILES}


def prep(root, *args, **more):
    return shell.run("host-prep", "--root", root, "--cpu", "1", *args, **more)


@pytest.fixture(name="start")
def start_host_prep(root):
    """Starts one whose command has begun: its process, and the pid of the command."""
    started = []

    def start(command):
        mark = root / "begun"
        started.append(shell.start(
            "host-prep", "--root", root, "--cpu", "1", "--", "sh", "-c",
            f'echo $$ >"{mark}.new"; mv "{mark}.new" "{mark}"; {command}'))
        wait_for(mark.exists)
        return started[-1], int(mark.read_text())

    yield start
    for process in started:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.communicate(timeout=60)


def wait_for(condition):
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def put_back_order(text):
    return re.findall(r"^host-prep: (/\S+): put back to", text, re.M)


def test_the_command_finds_a_quiet_machine(root):
    done = prep(root, "--", "sh", "-c", f'cp -r "{root}" "{root}.seen"; echo out; cat')
    assert done.returncode == 0, done.stderr
    assert done.stdout == "out\n"
    seen = root.with_name(root.name + ".seen")
    assert state(seen) == DURING
    assert (seen / LATENCY).read_bytes() == bytes(4)
    assert state(root) == BEFORE
    assert not (root / STATE).exists()
    for line in ("governor of CPU 1: was powersave, now performance",
                 "interrupt 25: was 1, now 0,2-3", "C-states: held at 0 us",
                 "perf_event_paranoid: was 2, now 1", "kptr_restrict: is 0"):
        assert line in done.stderr


def test_the_last_change_is_put_back_first(root):
    done = prep(root, "--", "cat", root / STATE)
    changed = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert len(changed) == sum(BEFORE[name] != DURING[name] for name in FILES)
    assert put_back_order(done.stderr) == changed[::-1]


def test_a_lower_level_is_left_alone(root):
    (root / KERNEL / "perf_event_paranoid").write_text("-1\n")
    done = prep(root, "cat", root / KERNEL / "perf_event_paranoid")
    assert done.stdout == "-1\n"


def test_the_status_is_the_commands(root):
    assert prep(root, "--", "sh", "-c", "exit 7").returncode == 7
    assert state(root) == BEFORE
    assert prep(root, "--", "no-such-program").returncode == 127
    assert state(root) == BEFORE
    assert prep(root, "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9
    assert state(root) == BEFORE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("whole_group", [True, False])
def test_a_signal_puts_everything_back(root, start, number, whole_group):
    process, _ = start("exec sleep 300")
    assert state(root) == DURING
    (os.killpg if whole_group else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number, said
    assert state(root) == BEFORE
    assert not (root / STATE).exists()


def test_a_command_may_end_in_its_own_way(root, start):
    process, _ = start("trap 'sleep 0.3; exit 5' TERM; while :; do sleep 0.02; done")
    process.terminate()
    # It is not gone yet, and nobody takes its machine away.
    time.sleep(0.1)
    assert state(root) == DURING
    process.communicate(timeout=60)
    assert process.returncode == 5
    assert state(root) == BEFORE


def test_restore_mends_what_a_kill_left(root, start):
    # Its command goes on.
    process, _ = start("exec sleep 300")
    process.kill()
    process.wait(timeout=60)
    assert state(root) == DURING
    done = prep(root, "true")
    assert done.returncode == 1
    assert "--restore" in done.stderr
    assert state(root) == DURING
    done = shell.run("host-prep", "--root", root, "--restore")
    assert done.returncode == 0, done.stderr
    assert state(root) == BEFORE
    assert not (root / STATE).exists()
    assert prep(root, "true").returncode == 0


def test_restore_with_nothing_to_do_says_so(root):
    done = shell.run("host-prep", "--root", root, "--restore")
    assert done.returncode == 0
    assert "nothing to put back" in done.stderr


def test_what_cannot_be_put_back_is_kept_and_said(root):
    governor = root / CPUS / "cpu1/cpufreq/scaling_governor"
    done = prep(root, "--", "sh", "-c", f'rm "{governor}"; mkdir "{governor}"')
    assert done.returncode == 1
    assert "scaling_governor: NOT put back" in done.stderr
    assert (root / STATE).read_text() == f"/{CPUS}/cpu1/cpufreq/scaling_governor\tpowersave\n"
    governor.rmdir()
    governor.write_text("performance\n")
    assert shell.run("host-prep", "--root", root, "--restore").returncode == 0
    assert state(root) == BEFORE


def test_two_at_once_are_refused(root, start):
    process, _ = start("exec sleep 300")
    for args in (("true",), ("--restore",)):
        done = prep(root, *args)
        assert done.returncode == 1
        assert "another host-prep is at work" in done.stderr
        assert state(root) == DURING
    process.terminate()
    process.communicate(timeout=60)
    assert state(root) == BEFORE


def test_what_cannot_be_changed_is_said_and_the_rest_goes_on(root):
    (root / KERNEL / "nmi_watchdog").unlink()
    # Readable, but not to be written, not even by root.
    turbo = root / CPUS / "intel_pstate/no_turbo"
    turbo.unlink()
    turbo.symlink_to("/proc/sys/kernel/ostype")
    done = prep(root, "cat", root / KERNEL / "perf_event_paranoid", root / STATE)
    assert done.returncode == 0
    assert done.stdout.startswith("1\n")
    assert "no_turbo" not in done.stdout
    assert re.search(r"turbo \(no_turbo\): not changed from Linux to 1: \w+", done.stderr)
    assert "nmi_watchdog: not changed: no /proc/sys/kernel/nmi_watchdog here" in done.stderr


def test_a_file_that_takes_a_value_and_does_not_keep_it_is_told(root):
    governor = root / CPUS / "cpu1/cpufreq/scaling_governor"
    governor.unlink()
    # The name of whoever reads it, whatever another process has written.
    governor.symlink_to("/proc/self/comm")
    done = prep(root, "cat", root / STATE)
    assert done.returncode == 0
    assert "not changed from head to performance: it stays head" in done.stderr
    assert "scaling_governor" not in done.stdout


def test_threads_of_the_core_go_only_when_asked(root):
    sibling = root / CPUS / "cpu3/online"
    assert prep(root, "cat", sibling).stdout == "1\n"
    done = prep(root, "--smt-off", "cat", sibling)
    assert done.stdout == "0\n"
    assert state(root) == BEFORE


def test_the_only_cpu_keeps_its_interrupts(root):
    (root / CPUS / "online").write_text("1\n")
    done = prep(root, "cat", root / "proc/irq/25/smp_affinity_list")
    assert done.stdout == "1\n"
    assert "CPU 1 is the only one" in done.stderr


def test_amd_and_per_cpu_boost(root):
    (root / CPUS / "intel_pstate/no_turbo").unlink()
    one = root / CPUS / "cpu1/cpufreq/boost"
    one.write_text("1\n")
    assert prep(root, "cat", one).stdout == "0\n"
    both = root / CPUS / "cpufreq/boost"
    both.parent.mkdir()
    both.write_text("1\n")
    assert prep(root, "cat", both, one).stdout == "0\n1\n"


def test_a_dry_run_changes_nothing(root, tmp_path):
    done = prep(root, "--dry-run", "--", "touch", tmp_path / "ran")
    assert done.returncode == 0
    assert "governor of CPU 1: is powersave, would be performance" in done.stderr
    assert "would be held at 0 us" in done.stderr
    assert state(root) == BEFORE
    assert not (root / "run").exists() and not (tmp_path / "ran").exists()


def test_without_root_it_says_so(tmp_path):
    env = shell.shim(tmp_path / "bin", id="echo 1000")
    done = shell.run("host-prep", "true", env=env)
    assert done.returncode == 77
    assert "not root" in done.stderr
    assert shell.run("host-prep", "--dry-run", env=env).returncode == 0


@pytest.mark.parametrize("args, word", [
    ((), "no command"), (("--cpu",), "needs a value"), (("--cpu", "x", "true"), "--cpu x"),
    (("--cpu", "9", "true"), "not online"), (("--loud", "true"), "--loud"),
    (("--restore", "true"), "takes no command")])
def test_bad_options_are_refused(root, args, word):
    done = shell.run("host-prep", "--root", root, *args)
    assert done.returncode == 2
    assert word in done.stderr
    assert state(root) == BEFORE


def test_the_input_reaches_the_command(root):
    done = subprocess.run([shell.SCRIPTS / "host-prep", "--root", root, "--cpu", "1", "cat"],
                          input="words\n", capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "words\n"
