# SPDX-License-Identifier: MIT
"""Running the shell scripts of the project, with the world around them changed."""

import os
import pathlib
import signal
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
LIMIT = 400  # seconds; the first run may have to build a kernel


def run(script, *args, env=None, timeout=LIMIT, **more):
    """The finished process of scripts/SCRIPT, its output as text."""
    return subprocess.run([SCRIPTS / script, *args], env=environment(env), timeout=timeout,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          **more)


def start(script, *args, env=None):
    """A running process in a group of its own, as a terminal would start it.

    Also where the tests run in the background, which means with SIGINT and
    SIGQUIT ignored.
    """
    return subprocess.Popen([SCRIPTS / script, *args], env=environment(env),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, start_new_session=True,
                            preexec_fn=heed_the_keyboard)


def heed_the_keyboard():
    """In a child: do what its signals ask for."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def interrupt(process):
    """Ctrl-C: every process of the group gets the signal. What it said."""
    os.killpg(process.pid, signal.SIGINT)
    return process.communicate(timeout=60)


def environment(changes):
    env = {k: v for k, v in os.environ.items() if k != "CI"}
    env.update(changes or {})
    return env


def shim(folder, **programs):
    """A PATH on which the named programs are replaced by these shell lines."""
    folder.mkdir(exist_ok=True)
    for name, body in programs.items():
        file = folder / name.replace("_", "-")
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def path_without(folder, name):
    """A PATH that has everything except one program."""
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for file in pathlib.Path(place).iterdir() if pathlib.Path(place).is_dir() else ():
            link = folder / file.name
            if file.name != name and not link.is_symlink():
                link.symlink_to(file)
    return {"PATH": str(folder)}
