// Package doctor finds out why a chat does not work as its operator expects. It checks
// the machine, the settings, the running server and its dependencies, and connects
// through the proxies in front of it. It writes one file, which it removes, and publishes
// one message on NATS that no node receives; it changes nothing else.
package doctor

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"chatserver/config"
)

// Kind is the severity of a finding.
type Kind int

// The kinds of findings.
const (
	OK      Kind = iota
	Note         // may be intended, or could not be checked
	Problem      // something does not work, or soon will not
)

// String returns one word.
func (k Kind) String() string { return [...]string{"ok", "note", "problem"}[k] }

// Finding is one result, with its remedy.
type Finding struct {
	Check   string // one word: what was checked
	Kind    Kind
	Message string
	Remedy  string // one line; empty if there is nothing to do
}

func ok(check, format string, args ...any) Finding {
	return Finding{Check: check, Kind: OK, Message: fmt.Sprintf(format, args...)}
}

func note(check, do, format string, args ...any) Finding {
	return Finding{check, Note, fmt.Sprintf(format, args...), do}
}

func problem(check, do, format string, args ...any) Finding {
	return Finding{check, Problem, fmt.Sprintf(format, args...), do}
}

// Doctor checks one chat.
type Doctor struct {
	Config config.Config
	// URL is the address at which people open the chat. If it is empty, the checks from
	// outside are skipped.
	URL string
	// Slow also reads the whole database, and holds a connection for longer than the
	// timeout of most proxies.
	Slow bool

	server server // what was found out about the running server
	public *url.URL
}

// Run runs all checks in order and reports each finding. It returns an error if the URL
// is invalid or the context ends.
func (d *Doctor) Run(ctx context.Context, report func(Finding)) error {
	if d.URL != "" {
		var err error
		if d.public, err = parseURL(d.URL); err != nil {
			return err
		}
	}
	checks := []func(context.Context) []Finding{
		d.settings, d.ports, d.readiness, d.descriptors, d.memory, d.folder, d.disk, d.database, d.nats, d.clock,
	}
	if d.public != nil {
		checks = append(checks, d.page, d.socket, d.proxies, d.foreignPages)
		if d.Slow {
			checks = append(checks, d.idle)
		}
	}
	for _, check := range checks {
		found := check(ctx)
		if ctx.Err() != nil {
			return ctx.Err() // the findings are only effects of the cancellation
		}
		for _, finding := range found {
			report(finding)
		}
	}
	return nil
}

// parseURL parses an address as people write it; the default scheme is https.
func parseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%q is not an address like https://chat.example", text)
	}
	u.RawQuery, u.Fragment = "", ""
	return u, nil
}

// plural returns a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// size formats a number of bytes.
func size(bytes float64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", bytes/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.0f MB", bytes/1e6)
	default:
		return fmt.Sprintf("%.0f kB", bytes/1e3)
	}
}
