# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# runs.sh - several runs in one folder, and one that broke off; part of scripts/bench
#
# bench.txt in the results folder says, one word and its value a line, what is
# measured there and which of the runs are finished:
#
#   platform uml | kernel NAME | sweep --quick | repeat 3 | option WORD ... |
#   fact KEY=VALUE ... | finished 1 ...
#
# shellcheck disable=SC2034,SC2154	# set and used by scripts/bench

RUNS_MAX=99
# Where these differ, it is another machine or another build.
FACTS_OF_PLACE="source kernel cpu_model microcode cpus"
recorded_facts=() finished_runs=()

write_plan()
{
	local word

	{
		echo "# What scripts/bench --resume goes by."
		printf '%s\n' "platform $platform" "kernel $kernel" "sweep $sweep" "repeat $repeat"
		for word in "${run_options[@]}"; do
			printf 'option %s\n' "$word"
		done
		for word in "${env_options[@]}"; do
			[ "$word" = --env ] || printf 'fact %s\n' "$word"
		done
	} >"$out/bench.txt" || die "cannot write $out/bench.txt"
	hold_folder
}

# One at a time: two would write into the same files. What was started here
# holds the folder, too, as long as it runs.
hold_folder()
{
	exec {folder_fd}<"$out/bench.txt"
	flock -n "$folder_fd" ||
		die "another scripts/bench, or its guest, is still at work in $out"
}

# The settings of the run in $1, as if they had been given.
read_plan()
{
	local line key value

	[ -d "$1" ] || usage_error "--resume $1 is not a folder"
	out=$(realpath "$1")
	[ -r "$out/bench.txt" ] ||
		usage_error "--resume $1: no bench.txt in it, so no folder of scripts/bench"
	platform="" repeat=""
	while IFS= read -r line; do
		key=${line%% *} value=${line#* }
		case $key in
		platform | kernel | sweep | repeat) printf -v "$key" %s "$value" ;;
		option) run_options+=("$value") ;;
		fact) recorded_facts+=("$value") ;;
		finished) finished_runs+=("$value") ;;
		'#') ;;
		*) usage_error "$out/bench.txt: unknown word '$key'; was it edited?" ;;
		esac
	done <"$out/bench.txt"
	[[ $platform =~ ^(uml|vm|host|loaded)$ && $repeat =~ ^[1-9][0-9]?$ &&
		$sweep =~ ^(|--quick|--full)$ ]] ||
		usage_error "$out/bench.txt is not whole: nothing to go on from"
}

# A folder that can be gone on with, else say why not and leave.
check_resume()
{
	local k rows=0

	if [ ${#finished_runs[@]} -ge "$repeat" ]; then
		say "$out is finished: scripts/summary $out/results.csv prints what it holds"
		exit 0
	fi
	for ((k = 1; k <= repeat; k++)); do
		rows=$((rows + $(rows_in "$(run_dir "$k")/results.csv")))
	done
	[ "$rows" -gt 0 ] ||
		usage_error "--resume $out: no row in it; run scripts/bench again without --resume"
	hold_folder
}

# Was this machine, and this tree, the one that began? All differences at once.
check_facts()
{
	local key was now different=""

	for key in $FACTS_OF_PLACE; do
		was=$(fact_among "$key" "${recorded_facts[@]}")
		now=$(fact_among "$key" "${env_options[@]}")
		[ "$was" = "$now" ] || different+="; $key was '$was', is '$now'"
	done
	[ -z "$different" ] ||
		usage_error "--resume $out: not what began it${different}"
}

# fact_among KEY WORD...
fact_among()
{
	local word

	for word in "${@:2}"; do
		[ "${word%%=*}" != "$1" ] || printf '%s' "${word#*=}"
	done
}

# run_dir K: where the rows of the Kth run are.
run_dir()
{
	if [ "$repeat" -eq 1 ]; then
		echo "$out"
	else
		echo "$out/run-$1"
	fi
}

is_finished()
{
	[[ " ${finished_runs[*]} " == *" $1 "* ]]
}

# came_to_its_end STATUS K: all rows are there; a wrong byte in one is no reason
# to measure again, but a guest that died is.
came_to_its_end()
{
	local said

	[ "$1" -le 1 ] || return 1
	[ "$1" -eq 1 ] || return 0
	said=$("$SCRIPTS/summary" "$(run_dir "$2")/results.csv" 2>/dev/null) || true
	[ -n "$said" ] && ! grep -q '^UNFINISHED' <<<"$said"
}

mark_finished()
{
	finished_runs+=("$1")
	echo "finished $1" >>"$out/bench.txt"
}

rows_in()
{
	if [ -f "$1" ]; then
		grep -c '^[0-9]' "$1" || true
	else
		echo 0
	fi
}

# merge NAME HEAD: NAME of the finished runs as one file; with HEAD, the `#`
# lines of the first and how many runs were asked for.
merge()
{
	local k file
	local -a files=()

	for k in "${finished_runs[@]}"; do
		file=$(run_dir "$k")/$1
		[ ! -f "$file" ] || files+=("$file")
	done
	[ ${#files[@]} -gt 0 ] || return 0
	awk -v head="$2" -v runs="$repeat" '
		FNR == 1 { file++; begun = 0 }
		/^#/ { if (file == 1) print; next }
		!begun {
			begun = 1
			if (file > 1 && $0 != header) {
				print FILENAME ": other columns than the first run" >"/dev/stderr"
				exit 1
			}
			if (file == 1 && head)
				print "#runs: " runs
			header = $0
			if (file > 1)
				next
		}
		{ print }' "${files[@]}" >"$out/.merge" ||
		die "the runs in $out cannot be put together"
	mv "$out/.merge" "$out/$1"
}

merge_runs()
{
	[ "$repeat" -gt 1 ] || return 0
	merge results.csv head
	merge results.threads.csv ""
}
