# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# pagecopy.bash - completion of pagecopy and its commands; to be sourced by bash
#
#    eg, . scripts/completion/pagecopy.bash
#
# Asks the program itself what there is: `pagecopy --help` for the commands,
# COMMAND --list-options for options and their values, --help of the scripts.

# _pagecopy_words TEXT WORD...: COMPREPLY from the words that begin with TEXT.
_pagecopy_words()
{
	local text=$1 word

	shift
	COMPREPLY=()
	for word in "$@"; do
		[[ $word != "$text"* ]] || COMPREPLY+=("$word")
	done
}

# _pagecopy_list TEXT WORD...: the last item of the comma list in TEXT; what
# stands before it is kept, and what it has already is not offered again.
_pagecopy_list()
{
	local before="" word words=()

	[[ $1 != *,* ]] || before=${1%,*},
	for word in "${@:2}"; do
		[[ ",$before" == *",$word,"* ]] || words+=("$before$word")
	done
	_pagecopy_words "$1" "${words[@]}"
	# Another item may follow.
	compopt -o nospace 2>/dev/null
}

_pagecopy_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

# _pagecopy_value TEXT ARGUMENT TAKES VALUES DEFAULT: the value of an option.
_pagecopy_value()
{
	local text=$1 argument=$2 takes=$3 values=$4 default=$5 words=()

	# A PATH that has values is a way through the kernel, not a file.
	case $values:$argument in
	:FILE | :PATH | :JSON | :CSV) _pagecopy_files -f "$text"; return ;;
	:DIR) _pagecopy_files -d "$text"; return ;;
	esac
	# Where any number is taken, the usual ones are offered.
	[[ $values && $values != all ]] || values=${default:+$default,}$values
	IFS=, read -ra words <<<"$values"
	[ ${#words[@]} -gt 0 ] || return 0
	if [ "$takes" = list ]; then
		_pagecopy_list "$text" "${words[@]}"
	else
		_pagecopy_words "$text" "${words[@]}"
	fi
}

# _pagecopy_table TEXT NAME COMMAND...: complete by the command's own table;
# NAME is the option whose value TEXT is the beginning of, or empty.
_pagecopy_table()
{
	local text=$1 name=$2 line names=(--help) fields

	while IFS= read -r line; do
		case $line in
		"#"* | "option	argument	"*) continue ;;
		esac
		# An empty field must stay one: a tab is white space to read.
		IFS=$'\x1f' read -ra fields <<<"${line//$'\t'/$'\x1f'}"
		if [ -z "$name" ]; then
			names+=("--${fields[0]}${fields[1]:+=}")
		elif [ "--${fields[0]}" = "$name" ]; then
			_pagecopy_value "$text" "${fields[@]:1:4}"
			return
		fi
	done < <("${@:3}" --list-options 2>/dev/null)
	[ -n "$name" ] || _pagecopy_options "$text" "${names[@]}"
}

_pagecopy_options()
{
	_pagecopy_words "$@"
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
		compopt -o nospace 2>/dev/null
	fi
}

# _pagecopy_help TEXT NAME COMMAND...: the same by the text of --help, for those
# that have no table: options, and values that are shown as a|b or {a,b}.
_pagecopy_help()
{
	local text=$1 name=$2 help values words

	help=$("${@:3}" --help 2>/dev/null) || return 0
	if [ -z "$name" ]; then
		mapfile -t words < <(grep -oE -- '(^|[[ ,(])--[a-z][a-z-]+' <<<"$help" |
			grep -oE -- '--.*' | sort -u)
		_pagecopy_words "$text" "${words[@]}"
		return
	fi
	values=$(grep -oE -- "$name [^] ]+" <<<"$help" | head -n 1)
	values=${values#* }
	case $values in
	*DIR*) _pagecopy_files -d "$text" ;;
	*FILE* | *CSV*) _pagecopy_files -f "$text" ;;
	*[\|,]*)
		values=${values#\{}
		IFS='|,' read -ra words <<<"${values%\}}"
		_pagecopy_words "$text" "${words[@]}" ;;
	esac
}

# _pagecopy_takes NAME COMMAND...: the option has a value in the word behind it.
_pagecopy_takes()
{
	"${@:2}" --list-options 2>/dev/null |
		grep -qE -- "^${1#--}"$'\t[^\t]'
}

# The lines of two blanks in a help text.
_pagecopy_commands()
{
	"$@" --help 2>/dev/null | sed -nE 's/^  ([a-z][a-z-]*) +.*/\1/p'
}

# The words of the line as a shell splits them; readline splits at = as well.
_pagecopy_line()
{
	local i word

	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ ${#words[@]} -gt 0 && ( $word == = ||
			( $i -gt 1 && ${COMP_WORDS[i - 1]} == = &&
			${words[-1]} == --*= ) ) ]]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
	done
}

# Readline replaces what follows the last = alone.
_pagecopy_after_equals()
{
	[[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/$1}")
}

_pagecopy()
{
	local words=() text last name="" command inner

	_pagecopy_line
	text=${words[-1]}
	last=${words[-2]:-}
	COMPREPLY=()
	command=("${words[0]}")
	case ${words[0]##*/} in
	pagecopy | pagecopy-static)
		mapfile -t inner < <(_pagecopy_commands "${command[@]}")
		if [ ${#words[@]} -eq 2 ]; then
			_pagecopy_words "$text" "${inner[@]}" --help --version
			return
		fi
		command+=("${words[1]}")
		mapfile -t inner < <(_pagecopy_commands "${command[@]}")
		if [ ${#inner[@]} -gt 0 ]; then
			[ ${#words[@]} -ne 3 ] || _pagecopy_words "$text" "${inner[@]}"
			return
		fi
		_pagecopy_by _pagecopy_table ;;
	pagecopy-gbench) _pagecopy_by _pagecopy_table ;;
	*) _pagecopy_by _pagecopy_help ;;
	esac
}

# _pagecopy_by HOW: options of the command, or the value of one.
_pagecopy_by()
{
	if [[ $text == --*=* ]]; then
		name=${text%%=*}
		"$1" "${text#*=}" "$name" "${command[@]}"
		_pagecopy_after_equals "$name="
	elif [[ $text == -* ]]; then
		"$1" "$text" "" "${command[@]}"
	elif [[ $last == --* && $last != *=* ]] &&
		{ [ "$1" = _pagecopy_help ] ||
		_pagecopy_takes "$last" "${command[@]}"; }; then
		"$1" "$text" "$last" "${command[@]}"
	elif [ "$1" = _pagecopy_table ]; then
		"$1" "$text" "" "${command[@]}"
	fi
	# The scripts take files, too.
	if [[ ${#COMPREPLY[@]} -eq 0 && $1 = _pagecopy_help ]]; then
		_pagecopy_files -f "$text"
	fi
}

complete -F _pagecopy pagecopy pagecopy-static pagecopy-gbench pagecopy-best \
	pagecopy-compare pagecopy-gbench-table pagecopy-host-check \
	pagecopy-host-prep pagecopy-report pagecopy-summary
