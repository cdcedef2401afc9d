//go:build ignore

// Command mark_scripts_gen writes mark_scripts.dat from the file ScriptExtensions.txt of
// the Unicode Character Database, which it reads from its standard input:
//
//	go run mark_scripts_gen.go < ScriptExtensions.txt
//
// It keeps the combining marks: lines whose comment has a category that starts with M.
package main

import (
	"bufio"
	"log"
	"os"
	"regexp"
	"slices"
	"strings"
)

// line matches for example "0300          ; Cher Copt Cyrl # Mn       COMBINING GRAVE
// ACCENT".
var line = regexp.MustCompile(`^([0-9A-F]+(?:\.\.[0-9A-F]+)?)\s*;\s*([A-Za-z ]+?)\s*# M[nce]\s`)

func main() {
	log.SetFlags(0)
	var version string
	var entries []string
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if about, is := strings.CutPrefix(lines.Text(), "# ScriptExtensions-"); is {
			version = strings.TrimSuffix(about, ".txt")
		}
		if match := line.FindStringSubmatch(lines.Text()); match != nil {
			entries = append(entries, match[1]+" "+match[2])
		}
	}
	// Among entries with the same number of digits, text order is code point order.
	slices.SortFunc(entries, func(a, b string) int {
		if byLength := strings.IndexAny(a, " .") - strings.IndexAny(b, " ."); byLength != 0 {
			return byLength
		}
		return strings.Compare(a, b)
	})
	text := "# Made by mark_scripts_gen.go from ScriptExtensions-" + version + ".txt of the Unicode Character Database, do not edit.\n" +
		"# © 2025 Unicode®, Inc. For terms of use and license, see https://www.unicode.org/terms_of_use.html\n" +
		strings.Join(entries, "\n") + "\n"
	if err := os.WriteFile("mark_scripts.dat", []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}
