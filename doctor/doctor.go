// Package doctor finds out why a chat does not do what its operator wants: it looks at
// the machine, at the settings, at the running server and at what it stands on, and
// through the proxies in front of it. It changes nothing but a file of its own, which it
// removes, and says something in NATS that no node hears.
package doctor

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"chatserver/config"
)

// Kind is how bad a finding is.
type Kind int

// The kinds of findings.
const (
	OK      Kind = iota
	Note         // it may be meant so, or could not be looked at
	Problem      // something does not work, or will not
)

// String is one word.
func (k Kind) String() string { return [...]string{"ok", "note", "problem"}[k] }

// Finding is what was found out about one thing: a line, and what to do about it.
type Finding struct {
	Check   string // a word: what was looked at
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

// Doctor looks at one chat.
type Doctor struct {
	Config config.Config
	// URL is the address at which people open the chat; empty, and nothing is looked
	// at from outside.
	URL string
	// Slow has the whole database read, and a connection held for longer than proxies
	// like to.
	Slow bool

	server server // what was found out about the running one
	public *url.URL
}

// Run looks at everything, one after the other, and tells each finding. The error
// is that of a URL that is none, or the context's.
func (d *Doctor) Run(ctx context.Context, tell func(Finding)) error {
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
			return ctx.Err() // what was found is that nobody waits for it
		}
		for _, finding := range found {
			tell(finding)
		}
	}
	return nil
}

// parseURL takes the address as people write it: without a scheme it is https.
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

// plural is a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// size is a number of bytes for people.
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
