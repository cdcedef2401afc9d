package main

import (
	"bytes"
	"context"
	"testing"
)

func TestAReaderChecksTheFirstPass(t *testing.T) {
	old := func(seqs ...int64) (all []message) {
		for _, seq := range seqs {
			all = append(all, message{ID: filledID(3, seq), Seq: seq, Text: text})
		}
		return all
	}
	r := reader{room: 3}
	for _, c := range []struct {
		read string
		page event
		good bool
	}{
		{"the last page", event{Messages: old(1, 2, 3)}, true},
		{"a page before the last", event{Messages: old(2, 3), More: true}, true},
		{"a hole", event{Messages: old(1, 3)}, false},
		{"a double", event{Messages: old(1, 2, 2, 3)}, false},
		{"an older page", event{Messages: old(1, 2)}, false},
		{"an end too early", event{Messages: old(2, 3)}, false},
		{"no end", event{Messages: old(1, 2, 3), More: true}, false},
		{"nothing", event{More: true}, false},
		{"another text", event{Messages: append(old(1, 2), message{ID: filledID(3, 3), Seq: 3, Text: "?"})}, false},
	} {
		if _, err := r.check(c.page, 3); (err == nil) != c.good {
			t.Errorf("%s: %v", c.read, err)
		}
	}
}

func TestAReaderDetectsAChangedPage(t *testing.T) {
	b, ctx, data := bench{}, context.Background(), t.TempDir()
	const messages = historyPage + 50
	if _, err := fill(ctx, data, 1, messages); err != nil {
		t.Fatal(err)
	}
	err := b.withServer(ctx, program(t), data, func(s *server) error {
		readers, err := (&latencyMode{Readers: 1}).enterReaders(ctx, s, 1)
		if err != nil {
			return err
		}
		r := readers[0]
		defer r.cut()
		left := 5
		fiveMore := func() bool { left--; return left < 0 }
		if err := r.readOn(messages, fiveMore); err != nil || len(r.pages) != 2 || r.read != 2+5 {
			t.Errorf("2 pages were read first and 5 again: %d, %d, %v", len(r.pages), r.read, err)
		}
		r.pages[1] = bytes.ToUpper(r.pages[1])
		left = 5
		if err := r.readAgain(messages, fiveMore); err == nil {
			t.Error("a changed page was not noticed")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
