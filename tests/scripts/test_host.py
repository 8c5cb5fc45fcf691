# SPDX-License-Identifier: MIT
"""scripts/host-check on made-up machines: each thing in the way, with what mends it.

Also that scripts/bench --platform host asks it before it does anything.
"""

import shutil
import struct
import subprocess

import pytest
import shell

RELEASE = "6.12.0-made-up"
BUILD = f"lib/modules/{RELEASE}/build"
LOADED = "sys/module/pagecopy"
CC = "gcc-12 (Made up 12.2.0-14) 12.2.0"
FILES = {
    "proc/modules": "loop 40960 0 - Live 0x0\n",
    "proc/cmdline": "root=/dev/sda quiet\n",
    "proc/sys/kernel/modules_disabled": "0\n",
    "sys/module/module/parameters/sig_enforce": "N\n",
    "sys/kernel/security/lockdown": "[none] integrity confidentiality\n",
    f"boot/config-{RELEASE}": "CONFIG_MODULE_SIG=y\n# CONFIG_MODULE_SIG_FORCE is not set\n",
    f"{BUILD}/Makefile": "all:\n",
    f"{BUILD}/include/config/kernel.release": RELEASE + "\n",
    f"{BUILD}/include/config/auto.conf": f'CONFIG_CC_VERSION_TEXT="{CC}"\n',
}
EFI = "sys/firmware/efi/efivars/SecureBoot-8be4df61"
ON, OFF = b"\6\0\0\0\1", b"\6\0\0\0\0"


def put(root, name, content):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content)


@pytest.fixture(name="root")
def made_up_machine(tmp_path):
    root = tmp_path / "a machine"
    for name, content in FILES.items():
        put(root, name, content)
    return root


def tools(folder, user=0, **more):
    """The machine's user, release and compiler."""
    more.setdefault("gcc_12", f"echo '{CC}'")
    return shell.shim(folder, id=f"echo {user}", uname=f"echo {RELEASE}", **more)


def check(root, env=None):
    done = shell.run("host-check", "--root", root, env=env or tools(root.parent / "bin"))
    assert done.stdout == ""
    return done.returncode, done.stderr


def tree(root):
    return sorted((str(p), p.read_bytes() if p.is_file() else b"") for p in root.rglob("*"))


def note(build_id):
    """The file that the kernel shows for a module's build id."""
    return struct.pack("<III4s20s", 4, 20, 3, b"GNU\0", build_id)


def test_a_good_machine_is_taken_and_left_as_it_is(root):
    before = tree(root)
    status, said = check(root)
    assert status == 0, said
    assert said == f"host-check: nothing is in the way of the module on {RELEASE}\n"
    assert tree(root) == before


IN_THE_WAY = {
    "no modules": ({"proc/modules": None}, "CONFIG_MODULES", "--platform uml"),
    "nomodule": ({"proc/cmdline": "quiet nomodule\n"}, "load no modules", "without nomodule"),
    "modules disabled": ({"proc/sys/kernel/modules_disabled": "1\n"}, "modules_disabled", "reboot"),
    "signed only": ({"sys/module/module/parameters/sig_enforce": "Y\n"}, "(module.sig_enforce)",
                    "boot without module.sig_enforce=1\n"),
    "signed only, secure boot": ({"sys/module/module/parameters/sig_enforce": "Y\n", EFI: ON},
                                 "(module.sig_enforce)", "with Secure Boot off"),
    "signed only by configuration": (
        {f"boot/config-{RELEASE}": "CONFIG_MODULE_SIG_FORCE=y\n",
         "sys/module/module/parameters/sig_enforce": "Y\n"}, "(CONFIG_MODULE_SIG_FORCE)",
        "without that option"),
    "integrity": ({"sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
                   EFI: OFF}, "locked down (integrity)", "boot without lockdown="),
    "confidentiality": ({"sys/kernel/security/lockdown": "none integrity [confidentiality]\n"},
                        "locked down (confidentiality)", "boot without lockdown="),
    "secure boot": ({"sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
                     EFI: ON}, "locked down (integrity)", "Secure Boot off"),
    "lockdown, no securityfs": ({"sys/kernel/security/lockdown": None,
                                 "proc/cmdline": "quiet lockdown=integrity\n"},
                                "locked down (integrity)", "boot without lockdown="),
    "no headers": ({f"{BUILD}/Makefile": None}, "no headers of this kernel",
                   f"install linux-headers-{RELEASE}"),
    "other headers": ({f"{BUILD}/include/config/kernel.release": "6.1.0-9\n"},
                      "headers of 6.1.0-9", "boot 6.1.0-9"),
    "loaded": ({f"{LOADED}/refcnt": "0\n"}, "of an unknown build", "rmmod pagecopy"),
    "another build": ({f"{LOADED}/notes/.note.gnu.build-id": note(b"x" * 20)},
                      "of another build, 787878787878", "rmmod pagecopy\n"),
    "in use": ({f"{LOADED}/refcnt": "2\n"}, "in use", "fuser"),
    "built in": ({"sys/class/misc/pagecopy/dev": "10:1\n"}, "another driver", "unload"),
    "foreign node": ({"dev/pagecopy": ""}, "without the module", "rm /dev/pagecopy"),
}


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_each_thing_in_the_way_is_named_with_its_remedy(root, name):
    changes, reason, remedy = IN_THE_WAY[name]
    for file, content in changes.items():
        put(root, file, content)
    status, said = check(root)
    assert status == 77
    assert said.startswith("host-check: cannot run here: ")
    assert said.count("cannot run here") == 1, said
    assert reason in said and remedy in said.split(reason, 1)[1]


def test_who_is_not_root_is_told(root):
    status, said = check(root, tools(root.parent / "bin", user=1000))
    assert status == 77
    assert "not root" in said and "sudo" in said


def test_everything_is_said_at_once(root):
    put(root, f"{BUILD}/Makefile", None)
    put(root, "sys/module/module/parameters/sig_enforce", "Y\n")
    status, said = check(root, tools(root.parent / "bin", user=1000))
    assert status == 77
    assert [said.count(word) for word in ("not root", "signed modules", "no headers")] == [1, 1, 1]


def test_the_module_of_this_tree_may_be_measured_as_it_is(root, tmp_path):
    # A tree of its own, since what build/ of this one holds is not known.
    built = tmp_path / "tree/build/kmod/host/driver/pagecopy.ko"
    built.parent.mkdir(parents=True)
    shutil.copytree(shell.SCRIPTS, tmp_path / "tree/scripts")
    (tmp_path / "a.c").write_text("int a;\n")
    (tmp_path / "note").write_bytes(note(b"y" * 20))
    for words in (["gcc", "-c", "a.c", "-o", built],
                  ["objcopy", "--add-section", ".note.gnu.build-id=note", built]):
        subprocess.run(words, cwd=tmp_path, check=True)
    for identity, answer in ((b"y", "--platform auto"), (b"x", "of another build")):
        put(root, f"{LOADED}/notes/.note.gnu.build-id", note(identity * 20))
        done = subprocess.run([tmp_path / "tree/scripts/host-check", "--root", root], text=True,
                              capture_output=True, check=False, env=shell.environment(
                                  tools(tmp_path / "bin")))
        assert done.returncode == 77
        assert answer in done.stderr
        assert ("as this tree built it" in done.stderr) == (identity == b"y")


def test_another_compiler_is_a_warning_only(root):
    other = tools(root.parent / "bin", gcc_12="echo 'gcc-12 (Made up 12.3.0-1) 12.3.0'")
    status, said = check(root, other)
    assert status == 0
    assert "warning: this kernel was built by" in said and "12.3.0" in said


def test_no_compiler_is_in_the_way(root):
    put(root, f"{BUILD}/include/config/auto.conf",
        'CONFIG_CC_VERSION_TEXT="gcc-99 (Made up) 99.1"\n')
    env = shell.path_without(root.parent / "rest", "gcc")
    env["PATH"] = f"{tools(root.parent / 'bin')['PATH'].split(':')[0]}:{env['PATH']}"
    status, said = check(root, env)
    assert status == 77
    assert "no compiler (gcc-99 (Made up) 99.1): install gcc" in said


def test_bench_asks_before_it_does_anything(tmp_path):
    out = tmp_path / "out"
    env = tools(tmp_path / "bin", user=1000, dpkg_query="exit 1", sudo="exit 1", cmake="exit 1",
                apt_get='echo "$@" >>"$LOG"', insmod='echo "$@" >>"$LOG"')
    env["LOG"] = str(tmp_path / "log")
    done = shell.run("bench", "--platform", "host", "--out", out, env=env)
    assert done.returncode == 77
    assert "not root" in done.stderr
    assert f"no headers of this kernel in /{BUILD}" in done.stderr
    assert not out.exists() and not (tmp_path / "log").exists()


@pytest.mark.parametrize("args", [["--root"], ["--root", "/nonexistent"], ["x"], ["--force"]])
def test_usage_errors(args):
    assert shell.run("host-check", *args).returncode == 2
