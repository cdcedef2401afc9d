package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"chatserver/chat"
	"chatserver/chattest"
	"chatserver/store"
)

// BenchmarkChange measures lone changes of stored messages, beside a lone Post.
func BenchmarkChange(b *testing.B) {
	for _, database := range []string{"SQLite", "Postgres"} {
		for _, kind := range []string{"Post", "Edit", "React", "Pin", "Delete", "Reply"} {
			b.Run(database+"/"+kind, func(b *testing.B) { benchmarkChange(b, database, kind) })
		}
	}
}

func benchmarkChange(b *testing.B, database, kind string) {
	url := ""
	if database == "Postgres" {
		url = chattest.Database(b)
	}
	db, err := store.Open(context.Background(), url, b.TempDir(), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	commit := func(changes ...chat.Change) {
		outcomes, err := db.Commit(context.Background(), changes)
		if err != nil {
			b.Fatal(err)
		}
		for _, outcome := range outcomes {
			if outcome.Err != nil || outcome.Known {
				b.Fatalf("%+v", outcome)
			}
		}
	}
	text, next := strings.Repeat("x", 128), int64(0)
	const run = 256
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%run == 0 { // messages to change
			b.StopTimer()
			posts := make([]chat.Post, run)
			for i := range posts {
				posts[i] = draft("lobby", text)
			}
			commit(changesOf(posts...)...)
			page, err := db.Before(context.Background(), "lobby", chat.Newest, chat.Limit{Messages: run})
			if err != nil {
				b.Fatal(err)
			}
			next = page.Messages[0].Seq
			b.StartTimer()
		}
		at := in(next+int64(n%run), ann)
		var c chat.Change
		switch kind {
		case "Edit":
			c = chat.Edit{Target: at, Rev: at.Seq, Text: fmt.Sprint(text, n), HTML: "<p>" + text + "</p>", HTMLVersion: 7}
		case "React":
			c = chat.React{Target: at, Emoji: "👍", On: true}
		case "Pin":
			c = chat.Pin{Target: at, On: true}
		case "Delete":
			c = chat.Delete{Target: at}
		case "Reply":
			post := draft("lobby", text)
			post.Thread = at.Seq
			c = post
		default:
			c = draft("lobby", text)
		}
		commit(c)
	}
}
