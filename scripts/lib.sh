# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# lib.sh - what the scripts share; to be sourced, first thing, by bash.
#
# shellcheck disable=SC2034	# used by those who source this
#
# Exit codes: 0 done; 1 something measured failed; 2 usage; 77 cannot run here.
# Everything said here goes to stderr: stdout belongs to the result.

PAGECOPY_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PAGECOPY_ME=$(basename "$0")
PAGECOPY_CACHE=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/pagecopy

say()
{
	progress_end
	printf '%s: %s\n' "$PAGECOPY_ME" "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

usage_error()
{
	say "$* (--help shows the options)"
	exit 2
}

skip()
{
	say "cannot run here: $*"
	exit 77
}

# The text at the top of a script, from its name to the first blank line of code.
usage()
{
	sed -n '/^# [a-z-]* - /,/^[^#]/ s/^#\( \|$\)//p' "$0"
}

# need_value OPTION COUNT: an option that takes a value was given one.
need_value()
{
	[ "$2" -ge 2 ] || usage_error "$1 needs a value"
}

is_number()
{
	[[ $1 =~ ^[1-9][0-9]{0,8}$ ]]
}

# atexit COMMAND ARG...: run it on any exit, the last one first.
atexit_stack=()

atexit()
{
	atexit_stack+=("$(printf '%q ' "$@")")
}

atexit_run()
{
	local status=$? i

	trap '' INT TERM HUP
	progress_end
	for ((i = ${#atexit_stack[@]} - 1; i >= 0; i--)); do
		eval "${atexit_stack[i]}" || true
	done
	exit "$status"
}

interrupted()
{
	say "interrupted"
	exit 1
}

trap atexit_run EXIT
trap interrupted INT TERM HUP

# progress TEXT: where a long step is. A terminal sees one line that changes;
# anything else gets a plain line now and then, so a log stays short.
progress_shown=""
progress_at=-10

progress()
{
	if [ -t 2 ]; then
		printf '\r\033[K%s: %s' "$PAGECOPY_ME" "$*" >&2
		progress_shown=yes
	elif [ $((SECONDS - progress_at)) -ge 10 ]; then
		printf '%s: %s\n' "$PAGECOPY_ME" "$*" >&2
		progress_at=$SECONDS
	fi
}

progress_end()
{
	[ -z "$progress_shown" ] || printf '\r\033[K' >&2
	progress_shown=""
}

# progress_lines TOTAL TEXT: read the output of a build, count its lines
# against TOTAL and say how far it is; the output itself is not passed on.
# It ends when the script was killed, which then ends the build as well.
progress_lines()
{
	local total=$1 text=$2 start=$SECONDS n=0 left

	while IFS= read -r _; do
		n=$((n + 1))
		[ $((n % 10)) -eq 0 ] || continue
		kill -0 $$ 2>/dev/null || exit
		[ "$n" -lt "$total" ] || total=$((n + 1))
		left=$(((SECONDS - start) * (total - n) / n))
		progress "$text: $((100 * n / total)) %, about $left s left"
	done
	progress_end
}

# with_progress SECONDS TEXT COMMAND...: run a silent command that is known to
# take about that long; its output is shown only when it fails.
with_progress()
{
	local expect=$1 text=$2 start=$SECONDS log pid status=0

	shift 2
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		[ $((SECONDS - start)) -lt 2 ] ||
			progress "$text: $((SECONDS - start)) s of about $expect s"
		sleep 0.2
	done
	wait "$pid" || status=$?
	progress_end
	[ "$status" -eq 0 ] || tail -n 40 "$log" >&2
	rm -f "$log"
	return "$status"
}

# The cache folder; made on first use.
cache_dir()
{
	mkdir -p "$PAGECOPY_CACHE" 2>/dev/null ||
		die "cannot write $PAGECOPY_CACHE: set XDG_CACHE_HOME to a folder of yours"
	case $PAGECOPY_CACHE in
	*[[:space:]:]*)
		die "no kernel can be built below $PAGECOPY_CACHE (a space or colon):" \
			"set XDG_CACHE_HOME to another folder" ;;
	esac
	printf '%s\n' "$PAGECOPY_CACHE"
}

# lock FILE WHAT: wait for an exclusive lock until the script ends; the
# number of its descriptor is left in lock_fd, to be closed in children.
lock()
{
	exec {lock_fd}>"$1"
	flock -n "$lock_fd" && return
	say "waiting for another run that holds $2"
	flock "$lock_fd"
}

# sh_quote WORD...: the words as one line that any shell splits the same way.
sh_quote()
{
	local word line=""

	for word in "$@"; do
		line+="'${word//\'/\'\\\'\'}' "
	done
	printf '%s' "${line% }"
}

# elapsed SECONDS: as people write it.
elapsed()
{
	if [ "$1" -lt 60 ]; then
		printf '%d s' "$1"
	else
		printf '%d min %d s' $(($1 / 60)) $(($1 % 60))
	fi
}

# build_programs: compile what runs in guests and on the host (preset release).
build_programs()
{
	build_targets all
}

# build_targets TARGET...: some of that.
build_targets()
{
	with_progress 60 "building the programs" build_preset release "$@" ||
		die "the programs do not build"
}

# build_preset PRESET [TARGET...]: one at a time in each folder.
build_preset()
(
	cd "$PAGECOPY_TOP" || exit
	mkdir -p build
	lock "build/$1.lock" "build/$1"
	cmake --preset "$1" &&
		cmake --build --preset "$1" -j "$(nproc)" ${2:+--target "${@:2}"}
)
