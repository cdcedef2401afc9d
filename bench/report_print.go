package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// printText prints cells for a terminal.
func printText(out io.Writer, header string, cells [][]string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "%s\n\n", header)
	for _, row := range cells {
		fmt.Fprintln(w, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return w.Flush()
}

// printMarkdown prints cells for a document.
func printMarkdown(out io.Writer, header string, cells [][]string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", header)
	for i, row := range cells {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// printCSV prints cells for a program. The header goes to the other output.
func printCSV(out io.Writer, cells [][]string) error {
	return csv.NewWriter(out).WriteAll(cells)
}
