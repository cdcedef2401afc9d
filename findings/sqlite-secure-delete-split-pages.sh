#!/usr/bin/env bash
# Expected: after PRAGMA secure_delete = ON, DELETE and a checkpoint that truncates the log,
#   nothing of the deleted rows is left in the file: "When secure_delete is on, SQLite
#   overwrites deleted content with zeros."
# What happens: words of deleted rows are still there, in pages of other rows. While the
#   rows were inserted in turn with others, pages were split without secure_delete, and the
#   half that moved stayed where it was, too. The pragma zeroes only what is deleted while
#   it is on. Only VACUUM, or the pragma on every connection since the first row, gets rid
#   of it.
# Version: modernc.org/sqlite v1.61.1 (SQLite 3.54.1), Go 1.26
# Output seen:
#   secure_delete for the DELETE only: 75 left
#   and then VACUUM: 0 left
#   secure_delete always: 0 left
# Source: https://sqlite.org/pragma.html#pragma_secure_delete
# Ours: store/remove.go runs VACUUM after a room was removed;
#   TestARemovedRoomIsGoneForEverybody.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS=-mod=mod GOWORK=off
cat > go.mod <<'MOD'
module finding
go 1.25
require modernc.org/sqlite v1.61.1
MOD
cat > main.go <<'GO'
package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"
)

func open(path, secure string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=secure_delete("+secure+")")
	if err != nil {
		panic(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func do(db *sql.DB, statement string, args ...any) {
	if _, err := db.Exec(statement, args...); err != nil {
		panic(err)
	}
}

// left deletes one room of three whose messages were inserted in turn, and counts a word
// of it in the file and its log.
func left(folder, secure string, vacuum bool) (count int) {
	path := filepath.Join(folder, "chat.db")
	db := open(path, secure)
	do(db, `CREATE TABLE messages (room INTEGER, seq INTEGER, id TEXT, text TEXT, PRIMARY KEY (room, seq), UNIQUE (room, id)) WITHOUT ROWID`)
	for i := range 3000 {
		room, word := i%3, "kept "
		if room == 1 {
			word = "removed "
		}
		do(db, `INSERT INTO messages VALUES (?, ?, ?, ?)`, room, i, fmt.Sprintf("%x-%d", i*2654435761, i), strings.Repeat(word, 3+i%40))
	}
	db.Close()
	db = open(path, "ON")
	defer db.Close()
	do(db, `DELETE FROM messages WHERE room = 1`)
	if vacuum {
		do(db, `VACUUM`)
	}
	do(db, `PRAGMA wal_checkpoint(TRUNCATE)`)
	for _, name := range []string{path, path + "-wal"} {
		content, _ := os.ReadFile(name)
		count += bytes.Count(content, []byte("removed "))
	}
	return count
}

func main() {
	folder := func() string {
		path, err := os.MkdirTemp(".", "data")
		if err != nil {
			panic(err)
		}
		return path
	}
	fmt.Println("deleting:", left(folder(), "OFF", false) > 0)
	fmt.Println("vacuum:", left(folder(), "OFF", true) > 0)
	fmt.Println("always:", left(folder(), "ON", false) > 0)
}
GO
seen=$(go run .)
want='deleting: true
vacuum: false
always: false'
[ "$seen" = "$want" ] || { printf 'the behaviour has changed:\n%s\n' "$seen"; exit 1; }
