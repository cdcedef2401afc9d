#!/bin/sh
# Creates the secrets of deploy/compose.ha.yaml in deploy/secrets, or in the directory
# given as an argument. Existing files are left unchanged.
set -eu

folder=${1:-$(dirname "$0")/secrets}

# The files are readable by others, since the users of containers have other numeric
# IDs, but no other user of this machine can enter the directory.
mkdir -p "$folder"
chmod 700 "$folder"
umask 022

secret() { head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

# keep writes its input to a file, unless the file exists.
keep() {
	if [ -s "$folder/$1" ]; then
		cat >/dev/null
	else
		cat >"$folder/$1"
	fi
}

secret | keep postgres-password
secret | keep nats-password
printf 'postgres://chat:%s@postgres:5432/chat?sslmode=disable\n' "$(cat "$folder/postgres-password")" | keep database
printf 'nats://chat:%s@nats:4222\n' "$(cat "$folder/nats-password")" | keep nats
printf 'users = [{user: chat, password: "%s"}]\n' "$(cat "$folder/nats-password")" | keep nats-users.conf
