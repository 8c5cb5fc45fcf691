#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""libpagecopy as `cmake --install` leaves it, used by a program elsewhere.

USAGE: installed.py --build FOLDER --cc COMPILER --cxx COMPILER

Installs the library alone, moves the tree, and builds a C and a C++ program
against it by find_package() and by pkg-config, with the shared library and with
the archive; the shared library exports what it should and nothing else.

REQUIREMENTS: cmake, nm, readelf; pkg-config and man for their parts.
Prints TAP; exit 0 all hold, 1 one does not, 2 usage, 77 cannot tell here.
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import objcode  # noqa: E402  pylint: disable=wrong-import-position

EXPORTED = ["atomic_load_per_byte_memcpy@@PAGECOPY_0", "atomic_store_per_byte_memcpy@@PAGECOPY_0"]
# One source for both languages; the counts are too large to be inlined.
PROGRAM = """
#include <pagecopy/atomic_memcpy.h>
#include <string.h>
#ifdef __cplusplus
using namespace std;
#endif
int main(int argc, char **argv)
{
	char shared[100], in[100], out[100];
	const size_t n = sizeof(in) - (size_t)argc;

	memset(in, argv[0][0], sizeof(in));
	atomic_store_per_byte_memcpy(shared, in, n, memory_order_release);
	atomic_load_per_byte_memcpy(out, shared, n, memory_order_acquire);
	return memcmp(in, out, n) != 0;
}
"""
PROJECT = """
cmake_minimum_required(VERSION 3.16)
project(consumer LANGUAGES C CXX)
find_package(pagecopy 0.1 REQUIRED)
foreach(language c cc)
	foreach(kind pagecopy pagecopy-static)
		add_executable(${language}-${kind} main.${language})
		target_link_libraries(${language}-${kind} PRIVATE pagecopy::${kind})
	endforeach()
endforeach()
"""


def run(*command, **more):
    """(succeeds, what it said)"""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **more)
    return done.returncode == 0, done.stdout


def problems(good, said):
    return [] if good else said.splitlines()[-8:] or ["it failed without a word"]


def install(tap, args, folder):
    """The folder of the installed tree, which was moved since, or None."""
    first, prefix = folder / "first", folder / "moved"
    good, said = run("cmake", "--install", args.build, "--prefix", first)
    tap.result("cmake --install", problems(good, said))
    if not good:
        return None
    first.rename(prefix)
    return prefix


def find(prefix, name):
    return next(iter(prefix.rglob(name)), None)


def check_tree(tap, prefix):
    for name in ("include/pagecopy/atomic_memcpy.h", "share/man/man3/atomic_load_per_byte_memcpy.3",
                 "share/man/man3/atomic_store_per_byte_memcpy.3"):
        tap.result(f"{name} is there", [] if (prefix / name).is_file() else ["no such file"])
    files = [path for path in prefix.rglob("*.h")]
    tap.result("no other header", [str(f) for f in files if f.name != "atomic_memcpy.h"])
    if shutil.which("man"):
        for side in ("load", "store"):
            name = f"atomic_{side}_per_byte_memcpy"
            good, said = run("man", "-M", prefix / "share/man", name,
                             env={**os.environ, "MANPAGER": "cat", "LC_ALL": "C"})
            shown = good and "memory_order_release" in said
            tap.result(f"man {name}", [] if shown else problems(False, said))
    else:
        tap.skip("man pages are shown", "man is not installed")


def check_exports(tap, library):
    said = run("nm", "-D", "--defined-only", library)[1]
    names = sorted(line.split()[2] for line in said.splitlines())
    tap.result("exported: the two functions",
               [] if names == ["PAGECOPY_0", *EXPORTED] else names)
    said = run("readelf", "-d", library)[1]
    found = re.findall(r"SONAME.*\[(.*)\]", said)
    tap.result("soname", [] if found == ["libpagecopy.so.0"] else found or ["none"])
    needed = re.findall(r"NEEDED.*\[(.*)\]", said)
    tap.result("needs the C library at most",
               [name for name in needed if not name.startswith("libc.so")])


def check_program(tap, title, program, library):
    env = {**os.environ, "LD_LIBRARY_PATH": str(library.parent), "LD_BIND_NOW": "1"}
    tap.result(f"{title} runs", problems(*run(program, env=env)))
    said = run("readelf", "-d", program)[1]
    shared = "libpagecopy.so.0" in said
    wanted = "static" not in title
    tap.result(f"{title} {'needs' if wanted else 'does without'} the shared library",
               [] if shared == wanted else re.findall(r"NEEDED.*", said) or ["nothing needed"])


def check_cmake(tap, args, folder, prefix, library):
    (folder / "main.c").write_text(PROGRAM)
    (folder / "main.cc").write_text(PROGRAM)
    (folder / "CMakeLists.txt").write_text(PROJECT)
    for command in (["cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
                     f"-DCMAKE_C_COMPILER={args.cc}", f"-DCMAKE_CXX_COMPILER={args.cxx}",
                     "-DCMAKE_BUILD_TYPE=Release"],
                    ["cmake", "--build", folder / "build"]):
        good, said = run(*command)
        tap.result(f"find_package: {command[1]}", problems(good, said))
        if not good:
            return
    for language in ("c", "cc"):
        for kind in ("pagecopy", "pagecopy-static"):
            name = f"{language}-{kind}"
            check_program(tap, f"find_package, {name}", folder / "build" / name, library)


def check_pkg_config(tap, args, folder, prefix, library):
    pc = find(prefix, "pagecopy.pc")
    if not shutil.which("pkg-config"):
        tap.skip("pkg-config", "it is not installed")
        return
    if not pc:
        tap.result("pagecopy.pc is there", ["no such file"])
        return
    good, flags = run("pkg-config", "--cflags", "--libs", "pagecopy",
                      env={**os.environ, "PKG_CONFIG_PATH": str(pc.parent)})
    tap.result("pkg-config", problems(good, flags))
    for kind, extra in (("shared", []), ("static", ["-static"]), ("static-pie", ["-static-pie"])):
        out = folder / f"by-{kind}"
        good, said = run(args.cc, "-O2", "-fPIE", folder / "main.c", *shlex.split(flags), *extra,
                         "-o", out)
        tap.result(f"pkg-config, {kind}: links", problems(good, said))
        if good:
            check_program(tap, f"pkg-config, {kind}", out, library)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--cc", required=True)
    parser.add_argument("--cxx", required=True)
    args = parser.parse_args()
    for tool in (args.cc, args.cxx, "cmake", "nm", "readelf"):
        if not shutil.which(tool):
            objcode.skip(f"{tool} is not installed")
    tap = objcode.Tap()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prefix = install(tap, args, folder)
        if prefix:
            library = find(prefix, "libpagecopy.so")
            check_tree(tap, prefix)
            check_exports(tap, library)
            check_cmake(tap, args, folder, prefix, library)
            check_pkg_config(tap, args, folder, prefix, library)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
