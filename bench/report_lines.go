package main

import (
	"fmt"
	"strings"
)

// line is a line of a report.
type line struct {
	name     string
	measured [][]float64 // in each kind of frames that is measured, by round
	goal     goal
	peer     string // the best of them
}

// frameKinds are the kinds of frames in the order of a report's columns.
var frameKinds = []string{"chat.v1", "text"}

// lines are what a figure has to say of a table.
func (f figure) lines(t *table) (all []line) {
	if !f.rows {
		return []line{f.framed(t)}
	}
	for _, row := range t.rows {
		all = append(all, line{
			name: f.name(row), goal: f.goal, measured: [][]float64{t.values[[2]string{row, f.column}]},
		})
	}
	return all
}

func (f figure) name(row string) string { return f.step + ", " + row + ": " + f.about }

// framed is the line of a step that measures both kinds of frames.
func (f figure) framed(t *table) line {
	l := line{goal: f.goal}
	about := ""
	for _, frames := range frameKinds {
		row := t.rowOf(frames, f.of)
		if row != "" {
			about, _, _ = strings.Cut(row, " in "+frames)
		}
		values := t.values[[2]string{row, f.column}]
		if f.less != "" {
			values = differences(values, t.values[[2]string{t.rowOf(frames, f.less), f.column}])
		}
		l.measured = append(l.measured, values)
	}
	l.name = f.name(about)
	if f.less == "" {
		l.peer = f.bestPeer(t)
	}
	return l
}

// differences are between the values of the same rounds.
func differences(values, less []float64) (all []float64) {
	for i := range min(len(values), len(less)) {
		all = append(all, values[i]-less[i])
	}
	return all
}

// bestPeer is the best figure of the peers, and whose it is.
func (f figure) bestPeer(t *table) (best string) {
	var least float64
	for _, name := range peerNames {
		values := t.values[[2]string{t.rowOf("text", name), f.column}]
		if middle := median(values); len(values) > 0 && (best == "" || f.goal.better(middle, least)) {
			best, least = fmt.Sprintf("%s, %s", number(middle), name), middle
		}
	}
	return best
}

// rowOf is the row of a contender in a kind of frames, or empty.
func (t *table) rowOf(frames, contenderName string) string {
	for _, row := range t.rows {
		if strings.HasSuffix(row, contender{name: contenderName}.row(" in "+frames)) {
			return row
		}
	}
	return ""
}

// cells are the line as it is printed.
func (l line) cells() []string {
	cells := []string{l.name, "", "", l.goal.text(), l.reached(), l.peer}
	for i, values := range l.measured {
		if cells[1+i] = cell(values); len(values) == 0 {
			cells[1+i] = "-"
		}
	}
	return cells
}

// reached is yes only if the goal is reached in each kind of frames.
func (l line) reached() string {
	if l.goal.sign == "" {
		return ""
	}
	reached := "yes"
	for _, values := range l.measured {
		switch {
		case len(values) == 0: // the server or the floor used less than can be counted
			reached = "unknown"
		case !l.goal.met(median(values)):
			return "no"
		}
	}
	return reached
}
