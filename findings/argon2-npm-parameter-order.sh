#!/usr/bin/env bash
# Expected: a hash that npm's argon2 writes can be read by the reference implementation, to
#   which it is a binding, and by alexedwards/argon2id for Go: all write PHC strings, which
#   have their parameters in the order m, t, p.
# What happens: argon2 writes m, p, t. Both refuse the string; with its parameters in order they
#   accept it. hash-wasm accepts either order, so a test in Node.js does not show it.
# Versions: argon2 0.45.1, hash-wasm 4.13.0 (npm); github.com/alexedwards/argon2id v1.0.0, Go 1.26;
#   libargon2-1 0~20171227-0.3+deb12u1 (Debian)
# Output seen:
#   written: m p t
#   as written:  hash-wasm true, argon2id input does not match format, libargon2 Decoding failed
#   in order:    hash-wasm true, argon2id true, libargon2 OK
# Source: https://github.com/ranisalt/node-argon2/issues/559,
#   https://github.com/alexedwards/argon2id/pull/37, https://c2sp.org/phc-strings
# Ours: nothing reads such hashes yet; an import of accounts must accept any order.
# Needs: npm, go, apt-get, python3.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS=-mod=mod GOWORK=off
npm install --silent --no-save --prefix "$folder" argon2@0.45.1 hash-wasm@4.13.0 >/dev/null
apt-get -qq download libargon2-1=0~20171227-0.3+deb12u1 2>/dev/null
dpkg-deb -x libargon2-1_*.deb kit
cat > hash.mjs <<'JS'
import argon2 from 'argon2';
console.log(await argon2.hash('correct horse', { memoryCost: 1024, parallelism: 2, timeCost: 3 }));
JS
cat > verify.mjs <<'JS'
import { argon2Verify } from 'hash-wasm';
console.log(await argon2Verify({ password: 'correct horse', hash: process.argv[2] }));
JS
cat > go.mod <<'MOD'
module finding
go 1.24
require github.com/alexedwards/argon2id v1.0.0
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/alexedwards/argon2id"
)

func main() {
	match, err := argon2id.ComparePasswordAndHash("correct horse", os.Args[1])
	if err != nil {
		fmt.Println(strings.TrimPrefix(err.Error(), "argon2id: "))
		return
	}
	fmt.Println(match)
}
GO
cat > verify.py <<'PY'
import ctypes, glob, sys

lib = ctypes.CDLL(glob.glob('kit/usr/lib/*/libargon2.so.1')[0])
lib.argon2_error_message.restype = ctypes.c_char_p
password = b'correct horse'
code = lib.argon2id_verify(sys.argv[1].encode(), password, ctypes.c_size_t(len(password)))
print(lib.argon2_error_message(code).decode())
PY
verdicts() {
	echo "$1  hash-wasm $(node verify.mjs "$2"), argon2id $(go run . "$2"), libargon2 $(python3 verify.py "$2")"
}
hash=$(node hash.mjs)
got="written: $(cut -d'$' -f4 <<<"$hash" | sed 's/=[0-9]*//g; s/,/ /g')
$(verdicts 'as written:' "$hash")
$(verdicts 'in order:  ' "$(sed -E 's/(p=[0-9]+),(t=[0-9]+)/\2,\1/' <<<"$hash")")"
want='written: m p t
as written:  hash-wasm true, argon2id input does not match format, libargon2 Decoding failed
in order:    hash-wasm true, argon2id true, libargon2 OK'
printf '%s\n' "$got"
[ "$got" = "$want" ] || { echo "changed: argon2 writes, or the others read, another order now" >&2; exit 1; }
