#!/bin/sh
# Runs every fuzz test for a given time, two at once: tools/fuzz.sh 10s
# Failing inputs are stored in testdata/fuzz of their package, where go test runs them.
#
# By default, Go minimizes each interesting input for up to a minute and fuzzes nothing
# else in that time. Twenty attempts per input are enough.
set -eu
time=${1:-10s}
grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z]+' . | sed -E 's|^(.*)/[^/]+:[0-9]+:func (.*)$|\1 \2|' | sort -u |
	xargs -P 2 -L 1 sh -c 'go test -run "^$" -fuzz "^$2\$" -fuzztime "$0" -fuzzminimizetime 20x -parallel 1 "$1"' "$time"
