package main

import (
	"fmt"
	"strings"
)

// line is a line of a report.
type line struct {
	name     string
	measured [][]float64 // by framing and round
	goal     goal
	peer     string // the best peer's value
}

// frameKinds lists the framings in the order of a report's columns.
var frameKinds = []string{"chat.v1", "text"}

// lines returns the lines of a figure for a table.
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

// framed returns the line of a step that measures both framings.
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

// differences subtracts the values of the same rounds.
func differences(values, less []float64) (all []float64) {
	for i := range min(len(values), len(less)) {
		all = append(all, values[i]-less[i])
	}
	return all
}

// bestPeer returns the best figure of the peers, and the peer's name.
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

// rowOf returns the row of a system under test in a framing, or an empty string.
func (t *table) rowOf(frames, systemName string) string {
	for _, row := range t.rows {
		if strings.HasSuffix(row, system{name: systemName}.row(" in "+frames)) {
			return row
		}
	}
	return ""
}

// cells returns the line as it is printed.
func (l line) cells() []string {
	cells := []string{l.name, "", "", l.goal.text(), l.reached(), l.peer}
	for i, values := range l.measured {
		if cells[1+i] = cell(values); len(values) == 0 {
			cells[1+i] = "-"
		}
	}
	return cells
}

// reached returns yes only if the goal is reached in each framing.
func (l line) reached() string {
	if l.goal.sign == "" {
		return ""
	}
	reached := "yes"
	for _, values := range l.measured {
		switch {
		case len(values) == 0: // the server or the floor used too little to measure
			reached = "unknown"
		case !l.goal.met(median(values)):
			return "no"
		}
	}
	return reached
}
