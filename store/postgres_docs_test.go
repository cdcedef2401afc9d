package store_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"chatserver/chattest"
	"chatserver/store"
)

// Following docs/postgres.md leads to a working chat.
func TestTheDocumentCreatesADatabase(t *testing.T) {
	document, err := os.ReadFile("../docs/postgres.md")
	if err != nil {
		t.Fatal(err)
	}
	making := regexp.MustCompile("(?s)```sql\n(.*?)```").FindSubmatch(document)
	renewing := regexp.MustCompile("--command '(UPDATE .*?)'").FindSubmatch(document)
	if making == nil || renewing == nil {
		t.Fatal("the document has no such section")
	}
	afterwards(t, "DROP DATABASE chat WITH (FORCE)", "DROP ROLE chat")
	database := chattest.Database(t)
	administrator := admin(t, database)
	for statement := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(string(making[1])), ";"), ";") {
		does(t, administrator, statement)
	}
	theirs := strings.Replace(database[:strings.LastIndex(database, "/")], "admin@", "chat:secret@", 1) + "/chat"
	db, err := store.Open(context.Background(), theirs, "", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	say(t, db, draft("lobby", "hello"))
	epoch := db.Epoch()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	does(t, admin(t, theirs), string(renewing[1]))
	if again := openURL(t, theirs, store.Options{}).Epoch(); again == epoch {
		t.Error("the epoch did not change")
	}
}
