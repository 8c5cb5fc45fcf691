# shellcheck shell=bash disable=SC2154	# beside and guest are scripts/vm's
# SPDX-License-Identifier: MIT
#
# beside.sh - what scripts/vm runs on the host for as long as a guest runs

companion=""

# In a group of its own, so that all of it ends.
start_beside()
{
	[ -n "$beside" ] || return 0
	PAGECOPY_GUEST=$guest setsid sh -c "$beside" </dev/null >&2 &
	companion=$!
}

# It may not have come to have its group.
end_beside()
{
	[ -n "$companion" ] || return 0
	kill -TERM -- "-$companion" 2>/dev/null ||
		kill -TERM "$companion" 2>/dev/null || true
	wait "$companion" 2>/dev/null || true
	companion=""
}
