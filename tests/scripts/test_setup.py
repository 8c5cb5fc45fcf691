# SPDX-License-Identifier: MIT
"""scripts/setup and scripts/kernel: missing packages, no network, interrupted builds.

Nothing here touches the network or the packages of this machine: apt-get is
replaced wherever it could be called.
"""

import fcntl
import os
import time

import pytest
import shell

NO_NETWORK = {"apt_get": "echo 'E: no network' >&2; exit 100"}


def nothing_installed(folder, **more):
    return shell.shim(folder, dpkg_query="exit 1", apt_cache="exit 0",
                      apt_get='echo "$@" >>"$APT_LOG"', **more)


def test_setup_does_nothing_when_all_is_there(tmp_path):
    env = shell.shim(tmp_path / "bin", **NO_NETWORK,
                     dpkg_query='shift 3; for p; do echo "installed $p"; done')
    done = shell.run("setup", env=env)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_setup_installs_what_is_missing_without_asking(tmp_path):
    env = nothing_installed(tmp_path / "bin", id="echo 0")
    env["APT_LOG"] = str(tmp_path / "log")
    done = shell.run("setup", "base", env=env)
    assert done.returncode == 0, done.stderr
    words = (tmp_path / "log").read_text().split()
    assert {"-y", "install", "cmake", "liburing-dev"} <= set(words)
    assert "qemu-system-x86" not in words


def test_setup_without_root_names_the_packages(tmp_path):
    env = nothing_installed(tmp_path / "bin", id="echo 1000", sudo="exit 1")
    env["APT_LOG"] = str(tmp_path / "log")
    done = shell.run("setup", "uml", env=env)
    assert done.returncode == 77
    assert "busybox-static" in done.stderr
    assert not (tmp_path / "log").exists()


def test_setup_uses_sudo_when_not_root(tmp_path):
    env = nothing_installed(tmp_path / "bin", id="echo 1000", sudo='shift; exec "$@"')
    env["APT_LOG"] = str(tmp_path / "log")
    assert shell.run("setup", "uml", env=env).returncode == 0
    assert "busybox-static" in (tmp_path / "log").read_text()


def test_setup_refuses_an_unknown_group():
    done = shell.run("setup", "everything")
    assert done.returncode == 2
    assert "everything" in done.stderr


@pytest.mark.parametrize("args", [[], ["5.10"], ["--fast", "uml"]])
def test_kernel_usage_errors(args):
    assert shell.run("kernel", *args).returncode == 2


def test_a_cached_kernel_needs_no_network(tmp_path):
    first = shell.run("kernel", "uml")
    assert first.returncode == 0, first.stderr
    again = shell.run("kernel", "uml", env=shell.shim(tmp_path / "bin", **NO_NETWORK))
    assert (again.returncode, again.stdout, again.stderr) == (0, first.stdout, "")


def test_every_kernel_is_listed():
    names = shell.run("kernel", "--list").stdout.split()
    assert {"uml", "6.1", "6.12", "6.12-rt", "kasan", "kcsan"} == set(names)


def test_setup_for_the_checking_kernels(tmp_path):
    env = nothing_installed(tmp_path / "bin", id="echo 0")
    env["APT_LOG"] = str(tmp_path / "log")
    assert shell.run("setup", "checkers", env=env).returncode == 0
    assert "libelf-dev" in (tmp_path / "log").read_text().split()


def folder_of(name, cache):
    """Where kernel NAME would go: told by a run that cannot get it."""
    return [d for d in (cache / "pagecopy").iterdir() if d.name.startswith(f"{name}-")]


def test_a_failed_download_is_told_and_leaves_nothing(tmp_path):
    env = shell.shim(tmp_path / "bin", **NO_NETWORK)
    env["XDG_CACHE_HOME"] = str(tmp_path)
    done = shell.run("kernel", "6.1", env=env)
    assert done.returncode == 1
    assert "no network" in done.stderr
    assert not folder_of("6.1", tmp_path)


def test_what_an_interrupted_build_left_is_removed(tmp_path):
    cache = tmp_path / "pagecopy"
    part = cache / "6.1-0123456789ab.part.1"
    other = cache / "6.12-0123456789ab.part.1"
    longer = cache / "6.1-rt-0123456789ab.part.1"
    for folder in (part, other, longer):
        (folder / "build").mkdir(parents=True)
        (folder / "stamp").write_text("half")
    env = shell.shim(tmp_path / "bin", **NO_NETWORK)
    env["XDG_CACHE_HOME"] = str(tmp_path)
    done = shell.run("kernel", "6.1", env=env)
    assert "interrupted build" in done.stderr
    assert not part.exists()
    assert longer.exists()
    assert other.exists(), "belongs to a build that another lock guards"


def test_two_builds_of_one_kernel_wait_for_each_other(tmp_path):
    cache = tmp_path / "pagecopy"
    cache.mkdir()
    env = shell.shim(tmp_path / "bin", **NO_NETWORK)
    env["XDG_CACHE_HOME"] = str(tmp_path)
    with (cache / "6.1.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = shell.start("kernel", "6.1", env=env)
        assert "waiting for another run" in second.stderr.readline()
        time.sleep(0.5)
        assert second.poll() is None
    _, said = second.communicate(timeout=60)
    assert "making kernel 6.1" in said


@pytest.mark.parametrize("name", ["with space", "with:colon"])
def test_a_cache_that_no_kernel_can_be_built_in(tmp_path, name):
    done = shell.run("kernel", "6.1", env={"XDG_CACHE_HOME": str(tmp_path / name)})
    assert done.returncode == 1
    assert "XDG_CACHE_HOME" in done.stderr


def test_a_cache_that_cannot_be_written(tmp_path):
    if os.getuid() == 0:
        (tmp_path / "file").write_text("")
        place = tmp_path / "file"
    else:
        place = tmp_path / "locked"
        place.mkdir(mode=0o500)
    done = shell.run("kernel", "6.1", env={"XDG_CACHE_HOME": str(place)})
    assert done.returncode == 1
    assert "XDG_CACHE_HOME" in done.stderr
