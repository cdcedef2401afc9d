package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestAWrongResumptionIsDetected(t *testing.T) {
	page := func(since int64, revs ...int64) []byte {
		var messages []string
		for _, rev := range revs {
			messages = append(messages, fmt.Sprintf(`{"id":%q,"seq":%d,"rev":%d,"text":%q}`, filledID(0, rev), rev, rev, text))
		}
		return fmt.Appendf(nil, `{"event":"room","since":%d,"messages":[%s]}`, since, strings.Join(messages, ","))
	}
	for _, c := range []struct {
		got   string
		pages [][]byte
		epoch string
		good  bool
	}{
		{"all", [][]byte{page(1, 2, 3), page(3, 4)}, "e", true},
		{"nothing", nil, "e", false},
		{"less", [][]byte{page(1, 2, 3)}, "e", false},
		{"more", [][]byte{page(1, 2, 3, 4, 5)}, "e", false},
		{"a hole", [][]byte{page(1, 2, 4)}, "e", false},
		{"a double", [][]byte{page(1, 2, 3), page(2, 3, 4)}, "e", false},
		{"the newest page", [][]byte{page(0, 1, 2, 3, 4)}, "e", false},
		{"another past", [][]byte{page(1, 2, 3, 4)}, "f", false},
	} {
		r := returner{user: &user{epoch: c.epoch}, pages: c.pages}
		if err := r.check("e", 4); (err == nil) != c.good {
			t.Errorf("%s: %v", c.got, err)
		}
	}
}
