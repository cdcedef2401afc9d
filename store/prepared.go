package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math/bits"
	"strings"
)

// rowStatement is a statement for many rows: its texts for 1, 2, 4 and so on up to 256
// rows. There are so few that each can be prepared in advance, because parsing costs more
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

// of returns the text for a number of rows, a power of two.
func (texts *rowStatement) of(rows int) string { return texts[bits.Len(uint(rows))-1] } //nolint:gosec // a length

// upTo returns the texts for up to most rows, a power of two.
func (texts *rowStatement) upTo(most int) []string { return texts[:bits.Len(uint(most))] } //nolint:gosec // a constant of ours

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

// statements are prepared statements by their text.
type statements map[string]*sql.Stmt

func prepare(ctx context.Context, db *sql.DB, texts ...string) (statements, error) {
	prepared := statements{}
	for _, text := range texts {
		statement, err := db.PrepareContext(ctx, text) //nolint:sqlclosecheck // closed with the database
		if err != nil {
			return nil, fmt.Errorf("prepare %.60q: %w", text, err)
		}
		prepared[text] = statement
	}
	return prepared, nil
}

// tx is a transaction that uses prepared statements.
type tx struct {
	*sql.Tx
	prepared statements
	rows     int // see dialect
}

// QueryContext implements queryer.
func (t tx) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if statement := t.prepared[text]; statement != nil {
		return t.StmtContext(ctx, statement).QueryContext(ctx, args...) //nolint:sqlclosecheck // closed with the transaction
	}
	return t.Tx.QueryContext(ctx, text, args...)
}

// ExecContext is sql.Tx.ExecContext with prepared statements.
func (t tx) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if statement := t.prepared[text]; statement != nil {
		return t.StmtContext(ctx, statement).ExecContext(ctx, args...) //nolint:sqlclosecheck // closed with the transaction
	}
	return t.Tx.ExecContext(ctx, text, args...)
}

// reads is a database that is read with prepared statements.
type reads struct {
	*sql.DB
	prepared statements
}

// QueryContext implements queryer.
func (r reads) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if statement := r.prepared[text]; statement != nil {
		return statement.QueryContext(ctx, args...)
	}
	return r.DB.QueryContext(ctx, text, args...)
}
