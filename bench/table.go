package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// table collects figures by row and column over all rounds.
type table struct {
	title   string
	rows    []string
	columns []string
	values  map[[2]string][]float64
}

func newTable(title string) *table { return &table{title: title, values: map[[2]string][]float64{}} }

// note adds a measurement of one round.
func (t *table) note(row, column string, value float64) {
	if !slices.Contains(t.rows, row) {
		t.rows = append(t.rows, row)
	}
	if !slices.Contains(t.columns, column) {
		t.columns = append(t.columns, column)
	}
	at := [2]string{row, column}
	t.values[at] = append(t.values[at], value)
}

// print writes a table for people, or CSV with one figure a line for programs.
func (t *table) print(out io.Writer, asCSV bool) error {
	if asCSV {
		return t.printCSV(out)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\n", t.title, strings.Join(t.columns, "\t"))
	for _, row := range t.rows {
		cells := []string{row}
		for _, column := range t.columns {
			cells = append(cells, cell(t.values[[2]string{row, column}]))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// cell returns the median and, if the rounds differ, the range.
func cell(values []float64) string {
	if len(values) == 0 {
		return ""
	}
	low, high := number(slices.Min(values)), number(slices.Max(values))
	if low == high {
		return low
	}
	return fmt.Sprintf("%s (%s–%s)", number(median(values)), low, high)
}

func (t *table) printCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"mode", "row", "figure", "median", "lowest", "highest", "rounds"}) // w.Error reports it
	for _, row := range t.rows {
		for _, column := range t.columns {
			values := t.values[[2]string{row, column}]
			if len(values) == 0 {
				continue
			}
			_ = w.Write([]string{t.title, row, column, exact(median(values)), exact(slices.Min(values)), exact(slices.Max(values)), strconv.Itoa(len(values))})
		}
	}
	w.Flush()
	return w.Error()
}

// median returns the middle value, or the mean of the middle two.
func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile returns the value below which a part of the values lies.
func quantile(values []float64, part float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := part * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
}

// number formats a value with three digits: a shared machine does not justify more.
func number(value float64) string {
	switch digits := math.Abs(value); {
	case value == math.Trunc(value), digits >= 100:
		return strconv.FormatFloat(value, 'f', 0, 64)
	case digits >= 10:
		return strconv.FormatFloat(value, 'f', 1, 64)
	default:
		return strconv.FormatFloat(value, 'f', 2, 64)
	}
}

func exact(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
