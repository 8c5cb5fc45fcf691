# SPDX-License-Identifier: MIT
#
# programs.awk - judge the programs that a guest ran, by their output
#
# USAGE: awk -f programs.awk -v kernel=NAME -v wanted=COUNT FILE
#
# The output of each lies between "# begin NAME ARGUMENT..." and "# end STATUS".
# It is passed on; that the plan of each was kept and all ran, is TAP as well.

function judge(status)
{
	if (status == 127 && !ran)
		return "not ok - " name ": no such program in the guest"
	if (plan != ran)
		return "not ok - " name ": " ran " tests ran of " plan ", exit " status
	if (status != 0 && !bad)
		return "not ok - " name ": exit " status
	return "ok - " name ": all " plan " tests ran, " kernel
}

{
	print
}

/^# begin / {
	name = $3
	ran = bad = 0
	plan = "an unknown number"
	running = 1
}

/^(not )?ok / {
	ran++
	bad += /^not/
}

/^1\.\.[0-9]+$/ {
	plan = substr($1, 4)
}

/^# end [0-9]+$/ {
	print judge($3)
	running = 0
	ended++
}

END {
	if (running)
		print "not ok - " name ": the guest ended before it did"
	if (ended + running < wanted)
		print "not ok - programs that did not run: " wanted - ended - running
}
