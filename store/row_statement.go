package store

import (
	"fmt"
	"iter"
	"math/bits"
	"strings"
)

// rowStatement is a statement for many rows: its texts for 1, 2, 4 and so on up to 256
// rows. There are so few that connections can keep each prepared, because parsing costs more
// than executing.
type rowStatement [9]string

// forRows builds the texts from the SQL before the rows, one row, in which each question
// mark stands for the next parameter, and the SQL after them.
func forRows(before, row, after string) (texts rowStatement) {
	for i := range texts {
		parameter := 0
		var text strings.Builder
		text.WriteString(before)
		for n := range 1 << i {
			if n > 0 {
				text.WriteByte(',')
			}
			for part := range strings.SplitAfterSeq(row, "?") {
				text.WriteString(strings.TrimSuffix(part, "?"))
				if strings.HasSuffix(part, "?") {
					parameter++
					fmt.Fprintf(&text, "$%d", parameter)
				}
			}
		}
		text.WriteString(after)
		texts[i] = text.String()
	}
	return texts
}

// orAlone returns the statement with another text for one row, which needs no list of rows. SQLite
// makes a table of a list, and that is half of the cost of a statement for one row.
func (texts rowStatement) orAlone(text string) rowStatement {
	texts[0] = text
	return texts
}

// of returns the text for a number of rows, a power of two.
func (texts *rowStatement) of(rows int) string { return texts[bits.Len(uint(rows))-1] } //nolint:gosec // a length

// runs splits rows into runs of at most most rows whose lengths are powers of two, as
// rowStatement needs them.
func runs[T any](rows []T, most int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for size := most; len(rows) > 0; {
			if size > len(rows) {
				size /= 2
				continue
			}
			if !yield(rows[:size]) {
				return
			}
			rows = rows[size:]
		}
	}
}
