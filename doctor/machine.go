package doctor

import (
	"context"
	"math"
	"runtime/debug"
	"time"

	"chatserver/config"
	"chatserver/store"
)

const (
	// reservedFiles is how many descriptors are not available to connections: see
	// config.ConnectionLimit.
	reservedFiles = 64
	// minFiles is a limit that a busy evening does not reach.
	minFiles = 4096
	// The memory that the process needs without connections, and per connection:
	// docs/scaling.md.
	processBytes    = 55e6
	connectionBytes = 5600
)

// descriptors compares the limit of open files with the connection limit. It uses the
// running server's limit, or else this process's, which may differ.
func (d *Doctor) descriptors(context.Context) []Finding {
	const check = "descriptors"
	whose, files := "this shell's limit", config.OpenFiles()
	if most, known := d.metric("process_max_fds"); known {
		whose, files = "the server's limit", int(most)
	}
	const raise = "raise it: LimitNOFILE=65536 in systemd, --ulimit nofile=65536:65536 in docker, ulimit -n in a shell"
	wanted := d.Config.MaxConnections
	switch {
	case files == 0:
		return []Finding{ok(check, "no limit on open files, or the limit is unknown")}
	case wanted != nil && (*wanted == 0 || *wanted > files-reservedFiles):
		return []Finding{problem(check, raise+"; or lower --max-connections",
			"%s is %s, which is enough for %s; --max-connections is %d", whose, plural(files, "open file"), plural(max(files-reservedFiles, 0), "connection"), *wanted)}
	case files < minFiles:
		return []Finding{problem(check, raise, "%s is %s, so beyond %s new connections get 503", whose, plural(files, "open file"), plural(max(files-reservedFiles, 0), "connection"))}
	}
	if open, known := d.metric("process_open_fds"); known && open > 0.9*float64(files) {
		return []Finding{problem(check, raise, "%.0f of %d files are open: new connections will soon get 503", open, files)}
	}
	return []Finding{ok(check, "%s is %s", whose, plural(files, "open file"))}
}

// memory compares the memory limit with what the maximum number of connections needs.
func (d *Doctor) memory(context.Context) []Finding {
	const check = "memory"
	limit, known := d.metric("go_gc_gomemlimit_bytes")
	if !known {
		limit = float64(debug.SetMemoryLimit(-1))
	}
	if limit >= math.MaxInt64 {
		return []Finding{note(check, "set MemoryMax= in systemd, a memory limit for the container, or GOMEMLIMIT",
			"no memory limit, so the server cannot shed load: the kernel would kill it instead")}
	}
	connections := d.Config.ConnectionLimit()
	if files, known := d.metric("process_max_fds"); known && d.Config.MaxConnections == nil {
		connections = int(files) - reservedFiles
	}
	needed := processBytes + connectionBytes*float64(connections)
	if needed > 0.9*limit {
		return []Finding{problem(check, "raise it, or lower --max-connections: docs/scaling.md",
			"the memory limit is %s; %s need about %s", size(limit), plural(connections, "connection"), size(needed))}
	}
	return []Finding{ok(check, "the memory limit is %s; %s need about %s", size(limit), plural(connections, "connection"), size(needed))}
}

// maxSkew is a clock difference that people notice.
const maxSkew = 5 * time.Second

// clock checks whether the clock was set back and whether it is synchronized. The page
// check compares it with the clock of the server in front.
func (d *Doctor) clock(ctx context.Context) []Finding {
	const check = "clock"
	now := time.Now()
	text := "it is " + inUTC(now)
	if probed, err := store.Probe(ctx, d.Config.Database, d.Config.Data, false); err == nil && !probed.Newest.IsZero() {
		if probed.Newest.After(now.Add(maxSkew)) {
			return []Finding{problem(check, remedyClock, "%s, but the newest message is from %s: one of the two is wrong", text, inUTC(probed.Newest))}
		}
		text += ", after the newest message"
	}
	kept, known := clockSynced()
	switch {
	case !known:
		return []Finding{note(check, "", "%s; unknown whether a time service synchronizes it", text)}
	case !kept:
		return []Finding{note(check, remedyClock+"; a virtual machine or container uses its host's clock", "%s; no time synchronization service detected", text)}
	}
	return []Finding{ok(check, "%s, synchronized", text)}
}

const remedyClock = "synchronize the clock: systemctl enable --now systemd-timesyncd"

func inUTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
