//go:build ignore

// Command confusables_gen writes confusables.dat from the file confusables.txt of
// Unicode's security data, which it reads from its standard input:
//
//	go run confusables_gen.go < confusables.txt
//
// It keeps the entries that can occur in a name in NFD: single code points that are their
// own NFD.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

func main() {
	log.SetFlags(0)
	header, entries := read()
	slices.Sort(entries)
	text := "Made by confusables_gen.go, do not edit. A line is a character and what it looks like.\n" +
		strings.Join(header, "\n") + "\n\n" + strings.Join(entries, "\n") + "\n"
	if err := os.WriteFile("confusables.dat", []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}

// read returns the header lines of the file, and its entries.
func read() (header, entries []string) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		line := strings.TrimPrefix(lines.Text(), "\ufeff")
		if about, is := strings.CutPrefix(line, "# "); is && len(entries) == 0 {
			header = append(header, about)
		}
		fields := strings.Split(line, ";")
		if len(fields) < 3 || strings.HasPrefix(line, "#") {
			continue
		}
		from, to := characters(fields[0]), characters(fields[1])
		if norm.NFD.String(from) == from {
			entries = append(entries, from+norm.NFD.String(to))
		}
	}
	if err := lines.Err(); err != nil || len(entries) == 0 {
		log.Fatal(fmt.Errorf("%d entries read: %w", len(entries), err))
	}
	return header, entries
}

func characters(hex string) string {
	var text strings.Builder
	for _, code := range strings.Fields(hex) {
		n, err := strconv.ParseUint(code, 16, 32)
		if err != nil {
			log.Fatal(err)
		}
		text.WriteRune(rune(n))
	}
	return text.String()
}
