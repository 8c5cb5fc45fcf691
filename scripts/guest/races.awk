# SPDX-License-Identifier: MIT
#
# races.awk - take the reports of KCSAN that are no fault out of a kernel log
#
# Input is a kernel log, output the same without those reports, and lines that
# begin with "races: " which count them. What is a fault stays as it was.
#
# A report names one or two accesses, each with its stack of calls. An access is
#   copy    in a copy of the module (pc_loop_*, pagecopy_copy_*), or in a copy
#           to or from user memory, whoever asked for it;
#   safe    in a copy of the module that is byte-wise atomic: one that is not
#           among the names in the variable plain;
#   own     anything else with a function of the module in its stack, what it
#           called included: a wrong call makes the kernel race;
#   kernel  all others, and io_uring putting task work in a queue, which a
#           module may ask for in any context;
#   none    not known: KCSAN saw a value change (user space wrote to it).
# Two users may have the same bytes copied at the same time, and a user may write
# what is being copied. So a report of copies alone is expected, unless all are
# safe: then one of them is not. One of the kernel alone is not ours. All others are
# faults: bookkeeping of the module that races, and bytes being copied that the
# kernel already uses for something else.

function bare(line)
{
	sub(/^\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? ?/, "", line)
	return line
}

# What the stack read so far is; forgets it.
function finish_access()
{
	if (in_access) {
		if (own)
			owns++
		else if (safe)
			safes++
		else if (copy)
			copies++
		else if (frames)
			kernels++
	}
	in_access = own = copy = safe = decided = user = queue = frames = 0
}

# A compiler may append a dot and a word to the name.
function is_plain(name)
{
	sub(SAFE, "", name)
	sub(/\..*/, "", name)
	return index(" " plain " ", " " name " ") > 0
}

function frame(line,	name, ours)
{
	name = line
	ours = line ~ /\[pagecopy\]/
	sub(/^ */, "", name)
	sub(/\+0x.*/, "", name)
	frames++
	if (!decided && name ~ USER_COPY) {
		user = 1
	} else if (!decided && name !~ MEMORY) {
		decided = 1
		copy = user || (ours && name ~ COPY)
		safe = !user && copy && name ~ SAFE && !is_plain(name)
		queue = name ~ QUEUE
	}
	if (ours && !copy && !queue)
		own = 1
}

function end_report(	kind, n, part)
{
	finish_access()
	in_report = 0
	if (!owns && !kernels && copies) {
		expected++
	} else if (!owns && !copies && !safes && kernels) {
		foreign[title]++
	} else {
		printf "%s", text
	}
}

BEGIN {
	COPY = "^(pc_loop_|pagecopy_copy_)"
	SAFE = "^pagecopy_copy_"
	MEMORY = "^(_*(mem(cpy|move|set)|tsan_)|clear_page|copy_page|copy_mc|rep_(movs|stos))"
	USER_COPY = "^_*(raw_)?copy_(to|from)_(user|iter)|^_*copy_user|^_copy_iov|^clear_user" \
		"|^copy_(page|folio)_(to|from)_iter|^(mem|user)cpy_(to|from)_iter"
	QUEUE = "^_*io_req_(task|local|normal)_work_add$"
	RULE = "^=+$"
}

{
	line = bare($0)
}

!in_report && line ~ RULE {
	held = held $0 "\n"
	next
}

!in_report && line ~ /^BUG: KCSAN: / {
	in_report = 1
	owns = copies = safes = kernels = 0
	title = line
	sub(/^BUG: KCSAN: /, "", title)
	text = held $0 "\n"
	held = ""
	next
}

!in_report {
	printf "%s%s\n", held, $0
	held = ""
	next
}

{
	text = text $0 "\n"
}

line ~ RULE {
	end_report()
	next
}

line ~ /^((race at unknown origin, with )?(read|write|read-write|assert)|assert no)[^+]* to 0x/ {
	finish_access()
	in_access = 1
	next
}

in_access && line ~ /^ [A-Za-z_][A-Za-z0-9_.]*\+0x/ {
	frame(line)
	next
}

line ~ /^(value changed|Reported by Kernel|CPU: |Hardware name|Tainted: |Workqueue: )/ {
	finish_access()
	next
}

line ~ /^( bits changed: | *\+-> reordered to: | *\|?$)/ {
	next
}

# Another CPU was printing as well: its line is none of the report.
{
	text = substr(text, 1, length(text) - length($0) - 1)
	print
}

END {
	printf "%s", held
	if (in_report)
		printf "%s", text
	if (expected)
		print "races: " expected " between copies of the same bytes: expected"
	for (title in foreign)
		print "races: " foreign[title] " within the kernel: " title
}
