#!/bin/sh
# Runs every fuzz test for some time, two at once: tools/fuzz.sh 10s
# What it finds is kept in testdata/fuzz of its package, and is a test from then on.
#
# Fuzzing makes an input that is new as short as it can, for a minute: nothing else is
# tried meanwhile. Coloured code never becomes short, since the clock has a part in
# which colours it gets, so twenty tries are enough.
set -eu
time=${1:-10s}
grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z]+' . | sed -E 's|^(.*)/[^/]+:[0-9]+:func (.*)$|\1 \2|' | sort -u |
	xargs -P 2 -L 1 sh -c 'go test -run "^$" -fuzz "^$2\$" -fuzztime "$0" -fuzzminimizetime 20x -parallel 1 "$1"' "$time"
