# SPDX-License-Identifier: MIT
#
# kunit.awk - what KUnit says in a kernel log, as TAP: a line for each case
#
# A suite whose cases do not all run, or that fails by itself, is one line more.

function verdict()
{
	return $0 ~ /^ *not ok/ ? "not ok" : "ok"
}

{
	sub(/\r$/, "")
	sub(/^\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? /, "")
}

/^    # Subtest: / {
	suite = $3
	ran = bad = 0
	plan = "an unknown number"
}

/^    1\.\.[0-9]+$/ {
	plan = substr($1, 4)
}

# Parameters of a case are further in: the case counts.
suite != "" && /^    (not )?ok [0-9]+ / {
	say = verdict()
	ran++
	bad += say == "not ok"
	sub(/^ *(not )?ok [0-9]+ (- )?/, "")
	print say " - " suite ": " $0
}

suite != "" && /^(not )?ok [0-9]+ / {
	if (ran != plan)
		print "not ok - " suite ": " ran " cases ran of " plan
	else if (verdict() == "not ok" && !bad)
		print "not ok - " suite ": the suite itself failed"
	suite = ""
}

END {
	if (suite != "")
		print "not ok - " suite ": broke off"
}
