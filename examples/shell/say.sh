#!/bin/sh
# Sends one line to a room, in plain text, and exits when it is stored: receiving
# the line back is the acknowledgement. Needs websocat, or wsdump from Debian's
# python3-websocket.
#
#   say.sh NAME ROOM TEXT       CHAT_SERVER defaults to ws://localhost:9090
set -eu

if [ $# -ne 3 ]; then
	echo "usage: $0 NAME ROOM TEXT" >&2
	exit 2
fi
name=$1 text=$3
url="${CHAT_SERVER:-ws://localhost:9090}/chat/$name?room=$2"

# Both keep receiving after their input has ended.
if command -v websocat >/dev/null; then
	tool='websocat --no-close'
elif command -v wsdump >/dev/null; then
	tool='wsdump --raw --eof-wait 20'
else
	echo "$0 needs websocat or wsdump (Debian: apt install python3-websocket)." >&2
	exit 1
fi

scratch=$(mktemp -d)
mkfifo "$scratch/heard"
# shellcheck disable=SC2086 # a tool is a command and its flags
printf '%s\n' "$text" | $tool "$url" >"$scratch/heard" &
tool_id=$!
trap 'kill "$tool_id" 2>/dev/null || true; rm -r "$scratch"' EXIT

while IFS= read -r line; do
	if [ "$line" = "$name: $text" ]; then exit 0; fi
done <"$scratch/heard"
echo "No acknowledgement: is the server at $url running?" >&2
exit 1
