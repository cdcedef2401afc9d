package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// tableOf returns a table with made-up values in one column, several rounds for each
// row.
func tableOf(column string, rows map[string][]float64) *table {
	t := newTable("made up")
	for row, values := range rows {
		for _, value := range values {
			t.note(row, column, value)
		}
	}
	return t
}

func TestAGoalIsReachedInBothKindsOfFramesOrNot(t *testing.T) {
	for _, c := range []struct {
		goal          goal
		chatV1, plain []float64
		want          string
	}{
		{atMost(5), []float64{4, 5, 9}, []float64{5}, "yes"},
		{atMost(5), []float64{4, 5.1, 9}, []float64{5}, "no"},
		{atMost(5), []float64{5}, []float64{1, 6, 7}, "no"},
		{atLeast(3), []float64{3}, []float64{4}, "yes"},
		{atLeast(3), []float64{3}, []float64{2.99}, "no"},
		{atMost(0), []float64{0}, []float64{0}, "yes"},
		{atMost(0), []float64{0}, []float64{1}, "no"},
		{atMost(5), nil, []float64{4}, "unknown"},
		{atMost(5), nil, []float64{6}, "no"},
		{goal{}, []float64{1000}, []float64{0}, ""},
	} {
		f := figure{step: "step", about: "ms", column: "p99", goal: c.goal}
		got := f.lines(tableOf("p99", map[string][]float64{"3 in chat.v1": c.chatV1, "3 in text": c.plain, "3 in text, unstored": {77}}))
		if len(got) != 1 || got[0].reached() != c.want {
			t.Errorf("%v and %v, %s: got %+v, want %q", c.chatV1, c.plain, c.goal.text(), got, c.want)
		}
	}
}

func TestALineHasTheFigureThatItNames(t *testing.T) {
	values := tableOf("p99", map[string][]float64{
		"3 in chat.v1": {1, 7, 3}, "3 in chat.v1, unstored": {1, 2, 3}, "floor of chat.v1": {99},
		"3 in text": {5}, "3 in text, unstored": {2}, "3 in text, naive": {9, 8}, "3 in text, gorilla": {4}, "floor of text": {99},
	})
	for _, c := range []struct {
		figure figure
		want   []string
	}{
		{figure{step: "a", about: "ms", column: "p99", goal: atMost(4)}, []string{"a, 3: ms", "3 (1–7)", "5", "≤ 4", "no", "4, gorilla"}},
		{figure{step: "a", about: "ms", column: "p99", goal: atLeast(4)}, []string{"a, 3: ms", "3 (1–7)", "5", "≥ 4", "no", "8.50, naive"}},
		{figure{step: "a", about: "ms", column: "p99", of: "unstored", goal: atMost(4)}, []string{"a, 3: ms", "2 (1–3)", "2", "≤ 4", "yes", "4, gorilla"}},
		{figure{step: "a", about: "more", column: "p99", less: "unstored"}, []string{"a, 3: more", "0 (0–5)", "3", "", "", ""}},
		{figure{step: "a", about: "ms", column: "p50", goal: atMost(4)}, []string{"a, 3: ms", "-", "-", "≤ 4", "unknown", ""}},
	} {
		if got := c.figure.lines(values); len(got) != 1 || !slices.Equal(got[0].cells(), c.want) {
			t.Errorf("%+v: %q", c.figure, got[0].cells())
		}
	}
}

func TestAStepOfOneKindOfFramesHasALineForEachRow(t *testing.T) {
	values := tableOf("s", map[string][]float64{"10 come": {6, 7, 8}})
	values.note("20 come", "s", 1)
	var got []string
	for _, l := range (figure{step: "a", about: "seconds", column: "s", goal: atMost(5), rows: true}).lines(values) {
		got = append(got, strings.Join(l.cells(), "|"))
	}
	if want := []string{"a, 10 come: seconds|7 (6–8)||≤ 5|no|", "a, 20 come: seconds|1||≤ 5|yes|"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAReportIsPrintedForThreeKindsOfReaders(t *testing.T) {
	r := report{header: "form; commit", lines: []line{{name: "a, 3: ms", measured: [][]float64{{7}, {1}}, goal: atMost(5)}}}
	for _, c := range []struct {
		csv, markdown bool
		want          string
	}{
		{want: "form; commit\n\nfigure    chat.v1  text  goal  reached  best peer\na, 3: ms  7        1     ≤ 5   no\n"},
		{markdown: true, want: "form; commit\n\n| figure | chat.v1 | text | goal | reached | best peer |\n|---|---|---|---|---|---|\n| a, 3: ms | 7 | 1 | ≤ 5 | no |  |\n"},
		{csv: true, want: "figure,chat.v1,text,goal,reached,best peer\n\"a, 3: ms\",7,1,≤ 5,no,\n"},
	} {
		var out bytes.Buffer
		r.markdown = c.markdown
		if err := r.print(&out, c.csv); err != nil || out.String() != c.want {
			t.Errorf("got %q, %v", out.String(), err)
		}
	}
}
