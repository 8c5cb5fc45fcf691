# SPDX-License-Identifier: MIT
"""scripts/vm: what goes in and what comes back, and guests that do not end well.

All in UML guests, which boot in a second; that stock kernels boot as well is
what the driver suites of scripts/test show.
"""

import os
import re
import subprocess
import time

import pytest
import shell

pytestmark = pytest.mark.skipif(os.uname().machine != "x86_64", reason="guests are for x86-64")


def guest(*command, options=(), module=False, **more):
    flags = ["--no-build"] if module else ["--no-build", "--no-module"]
    return shell.run("vm", *flags, *options, "--", *command, **more)


def leftovers(tmp):
    """Processes that have the temporary folder of this test in their arguments."""
    done = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if f"{tmp}/pagecopy-vm" in line]


@pytest.fixture
def own_tmp(tmp_path):
    """A TMPDIR that must be empty, and used by no process, in the end."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    yield folder
    assert not leftovers(folder)
    assert not list(folder.iterdir())


def test_output_errors_and_status_come_back_apart(own_tmp):
    done = guest("sh", "-c", "echo out; echo err >&2; printf 'no newline'; exit 7",
                 env={"TMPDIR": str(own_tmp)})
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\nno newline", "err\n")


@pytest.mark.parametrize("status", [0, 1, 2, 77, 255])
def test_status_is_the_commands(status):
    assert guest("sh", "-c", f"exit {status}").returncode == status


def test_a_command_that_is_not_there():
    done = guest("no-such-command")
    assert done.returncode == 127
    assert "no-such-command" in done.stderr


def test_arguments_arrive_as_given():
    words = ["a b", "it's", '"$HOME" `id` \\ *', "", "two\nlines", "-n"]
    done = guest("sh", "-c", 'for w; do printf "<%s>" "$w"; done', "sh", *words)
    assert done.stdout == "".join(f"<{w}>" for w in words)


def test_long_output_is_whole():
    done = guest("seq", "1", "100000")
    assert done.stdout == "".join(f"{n}\n" for n in range(1, 100001))


def test_standard_input_is_empty():
    assert guest("cat").stdout == ""


def test_output_is_no_terminal_when_it_is_none_here():
    assert guest("sh", "-c", "test -t 1 || test -t 2").returncode == 1


def test_a_reader_that_goes_away_does_no_harm():
    vm = shell.start("vm", "--no-build", "--no-module", "--", "sh", "-c", "seq 1 100000; exit 3")
    assert vm.stdout.readline() == "1\n"
    vm.stdout.close()
    assert vm.wait(timeout=60) == 3
    assert vm.stderr.read() == ""


def test_results_folder_is_shared_both_ways(tmp_path):
    folder = tmp_path / "with space"
    folder.mkdir()
    (folder / "given").write_text("from the host")
    done = guest("sh", "-c", "cat given; echo from the guest >made; pwd",
                 options=["--results", folder])
    assert done.returncode == 0, done.stderr
    assert "from the host" in done.stdout
    assert (folder / "made").read_text() == "from the guest\n"
    assert "Linux version" in (folder / "dmesg.txt").read_text()


def test_nothing_else_of_the_host_can_be_seen(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "results").mkdir()
    done = guest("sh", "-c", f"mkdir /m; mount -t hostfs -o {tmp_path} none /m; cat /m/secret",
                 options=["--results", tmp_path / "results"])
    assert "secret" not in done.stdout


def test_a_file_is_on_the_host_while_the_command_still_runs(tmp_path):
    vm = shell.start("vm", "--no-build", "--no-module", "--results", tmp_path, "--",
                     "sh", "-c", "echo row >rows; sleep 100")
    deadline = time.monotonic() + 60
    while not (tmp_path / "rows").exists() or not (tmp_path / "rows").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    shell.interrupt(vm)


def test_a_hang_is_ended_and_told(own_tmp):
    done = guest("sleep", "9999", options=["--timeout", "4"], env={"TMPDIR": str(own_tmp)})
    assert done.returncode == 1
    assert "no end after 4 s" in done.stderr


def test_a_command_that_will_not_stop_is_ended_with_its_guest(own_tmp):
    done = guest("sh", "-c", "trap '' INT TERM; while :; do :; done",
                 options=["--timeout", "3"], env={"TMPDIR": str(own_tmp)})
    assert done.returncode == 1
    assert "the guest was ended" in done.stderr


def test_a_command_is_interrupted_before_its_guest_is_ended():
    done = guest("sh", "-c", "trap 'echo tidy; exit 0' INT; while :; do sleep 0.1; done",
                 options=["--timeout", "3"])
    assert (done.returncode, done.stdout) == (1, "tidy\n")


def test_ctrl_c_keeps_what_is_there(tmp_path, own_tmp):
    vm = shell.start("vm", "--no-build", "--no-module", "--results", tmp_path / "r", "--",
                     "sh", "-c", "echo row >rows; echo ready; sleep 9999",
                     env={"TMPDIR": str(own_tmp)})
    assert vm.stdout.readline() == "ready\n"
    _, said = shell.interrupt(vm)
    assert vm.returncode == 1
    assert "interrupted" in said
    assert (tmp_path / "r/rows").read_text() == "row\n"


def test_a_panic_is_told_with_the_end_of_the_log(own_tmp):
    done = guest("sh", "-c", "echo 2 >/proc/sys/vm/panic_on_oom;"
                 "mount -o remount,size=2G /tmp; dd if=/dev/zero of=/tmp/fill bs=1M",
                 options=["--mem", "256M"], env={"TMPDIR": str(own_tmp)})
    assert done.returncode == 1
    assert "the guest panicked" in done.stderr
    assert "Kernel panic" in done.stderr


def test_a_guest_that_goes_away_is_told():
    done = guest("poweroff", "-f")
    assert done.returncode == 1
    assert "the guest died while the command ran" in done.stderr


@pytest.mark.parametrize("line", ["WARNING: CPU: 0 at f.c:1", "BUG: scheduling", "Oops: 0000",
                                  "UBSAN: shift", "BUG: KASAN: use-after-free", "Call Trace:"])
def test_a_bad_line_in_the_log_is_a_failure(line):
    done = guest("sh", "-c", f"echo '{line}' >/dev/kmsg")
    assert done.returncode == 1
    assert line in done.stderr


def test_a_harmless_line_in_the_log_is_none():
    assert guest("sh", "-c", "echo 'a warning of debugging' >/dev/kmsg").returncode == 0


def test_the_module_is_loaded_for_the_command_and_unloaded_after_it(tmp_path):
    done = shell.run("vm", "--results", tmp_path, "--", "sh", "-c",
                     "test -c /dev/pagecopy && test -d /sys/module/pagecopy")
    assert done.returncode == 0, done.stderr


def test_a_module_that_does_not_load_is_told():
    done = shell.run("vm", "--module-options", "max_mib=much", "--", "true")
    assert done.returncode == 1
    assert "insmod" in done.stderr


def test_a_module_takes_its_options():
    done = shell.run("vm", "--module-options", "max_mib=7", "--",
                     "cat", "/sys/module/pagecopy/parameters/max_mib")
    assert (done.returncode, done.stdout) == (0, "7\n"), done.stderr


def test_environment_of_the_command():
    done = guest("sh", "-c", 'echo "$A|$B"',
                 options=["--env", "A=it's here", "--env", "B=a=b $HOME"])
    assert done.stdout == "it's here|a=b $HOME\n"


def test_words_for_the_kernel():
    done = guest("cat", "/proc/cmdline", options=["--append", "first=1 second"])
    assert {"first=1", "second"} <= set(done.stdout.split())


def test_memory_of_the_guest_is_as_asked():
    done = guest("grep", "MemTotal", "/proc/meminfo", options=["--mem", "384M"])
    assert 300 < int(re.search(r"\d+", done.stdout)[0]) // 1024 <= 384


def test_temporary_folder_without_exec(tmp_path):
    folder = tmp_path / "noexec"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "noexec,size=3G", "tmpfs", folder]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a folder noexec")
    try:
        done = guest("echo", "works", env={"TMPDIR": str(folder)})
    finally:
        subprocess.run(["umount", folder], check=True)
    assert (done.returncode, done.stdout) == (0, "works\n")


def test_without_qemu_it_is_skipped(tmp_path):
    env = shell.path_without(tmp_path / "bin", "qemu-system-x86_64")
    done = guest("true", options=["--platform", "vm"], env=env)
    assert done.returncode == 77
    assert "qemu-system-x86_64" in done.stderr


@pytest.mark.parametrize("args, word", [
    (["--bad", "true"], "--bad"),
    (["--timeout"], "--timeout"),
    (["--timeout", "0", "true"], "--timeout"),
    (["--timeout", "soon", "true"], "--timeout"),
    (["--mem", "1X", "true"], "--mem"),
    (["--platform", "xen", "true"], "--platform"),
    (["--platform", "uml", "--kernel", "6.1", "true"], "--kernel"),
    (["--platform", "uml", "--kernel", "kasan", "true"], "--kernel"),
    (["--env", "NAME", "true"], "--env"),
    (["--env", "1=x", "true"], "--env"),
    (["--append"], "--append"),
    (["--kernel", "5.10", "true"], "--kernel"),
    (["--accel", "fast", "true"], "--accel"),
    (["--results", "/dev/null", "true"], "--results"),
    ([], "no command"),
    (["--no-module", "--"], "no command"),
])
def test_usage_errors(args, word):
    done = shell.run("vm", *args)
    assert done.returncode == 2
    assert word in done.stderr
    assert done.stdout == ""


def test_help_is_the_head_of_the_script():
    done = shell.run("vm", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("vm - ")
    assert "--timeout S" in done.stdout
