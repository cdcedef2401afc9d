#!/bin/sh
# Checks the subjects of the commits after a base: tools/subjects.sh 8f132ae
# Each has at most 72 characters, so that git log --oneline shows it whole, and does not
# end with a period. Merges are exempt: GitHub writes their subjects. Where the base is
# missing, as in a tarball or in a shallow clone that starts after it, nothing is checked,
# and the script says so.
set -eu
base=$1
if ! why=$(git rev-parse --quiet --verify "$base^{commit}" 2>&1 >/dev/null); then
	echo "Skipped: commit subjects are not checked, because the history here lacks $base.${why:+ git says: $why}"
	exit 0
fi
subjects=$(git log --no-merges --format='%h %s' "$base..HEAD")
if wrong=$(printf '%s\n' "$subjects" | LC_ALL=C.UTF-8 grep -E '^[0-9a-f]+ (.{73,}|.*\.)$'); then
	printf '%s\n' "$wrong" "A commit subject has at most 72 characters and no period at the end. Reword: git rebase -i $base"
	exit 1
fi
