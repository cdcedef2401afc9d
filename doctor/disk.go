package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"chatserver/chat"
	"chatserver/store"
	"chatserver/telemetry"
)

const (
	// syncSamples is the number of fsyncs measured. slowSync is a median latency that
	// people notice, because each message waits for an fsync.
	syncSamples = 9
	slowSync    = 100 * time.Millisecond
)

// remedyOwner is for checks that this user is not permitted to do.
const remedyOwner = "run chatserver doctor as root, or as the user of the server"

// folder checks whether the data directory can hold a database, and who can read it.
func (d *Doctor) folder(context.Context) (found []Finding) {
	const check = "folder"
	if d.Config.Database != "" {
		return nil // the database is on another machine
	}
	info, err := os.Stat(d.Config.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{note(check, "set --data if the server uses another folder", "%s does not exist; the server creates it at startup", absolutePath(d.Config.Data))}
	case err != nil:
		return []Finding{problem(check, remedyOwner, "cannot read the data directory: %v", err)}
	case !info.IsDir():
		return []Finding{problem(check, "choose another path with --data", "%s is a file, not a directory", absolutePath(d.Config.Data))}
	}
	found = openToOthers(found, d.Config.Data, info, "chmod 700 ", "other users may enter %s (%v)")
	if file, err := os.Stat(filepath.Join(d.Config.Data, store.File)); err == nil {
		found = openToOthers(found, filepath.Join(d.Config.Data, store.File), file, "chmod 600 ", "other users may read all messages in %s (%v)")
	}
	name, certain := fileSystem(d.Config.Data)
	switch {
	case certain:
		return append(found, problem(check, "move it to a local disk", "%s is on a network file system (%s), on which SQLite can lose data", absolutePath(d.Config.Data), name))
	case name != "":
		return append(found, note(check, "make sure that it is backed by a local disk", "%s is on a user-space file system (%s)", absolutePath(d.Config.Data), name))
	}
	return append(found, ok(check, "%s is not on a known network file system", absolutePath(d.Config.Data)))
}

// openToOthers adds a note if users other than its owner have access to a file or folder.
func openToOthers(found []Finding, path string, info fs.FileInfo, do, says string) []Finding {
	if !store.OpenToOthers(info) {
		return found
	}
	return append(found, note("folder", do+absolutePath(path), says, absolutePath(path), info.Mode().Perm()))
}

// disk checks the free space and the fsync latency of the data directory's disk.
func (d *Doctor) disk(context.Context) (found []Finding) {
	const check = "disk"
	if info, err := os.Stat(d.Config.Data); d.Config.Database != "" || err != nil || !info.IsDir() {
		return nil // reported by folder, or the database is on another machine
	}
	if space, err := telemetry.DiskSpace(d.Config.Data); err == nil {
		found = append(found, d.spaceFinding(space))
	}
	took, err := measureSync(d.Config.Data)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return append(found, note(check, remedyOwner, "fsync latency not measured: this user may not write to the data directory"))
	case err != nil:
		return append(found, problem(check, "free some space; the disk may also be mounted read-only (run mount) or failing (run dmesg)", "cannot write to the data directory: %v", err))
	case took > slowSync:
		return append(found, problem(check, "find out what else uses the disk (iostat -x 1), or use a faster one", "fsync latency %v; each message waits for an fsync", took.Round(time.Millisecond)))
	}
	return append(found, ok(check, "fsync latency %v", took.Round(10*time.Microsecond)))
}

// spaceFinding compares the free space with the thresholds at which the server acts.
func (d *Doctor) spaceFinding(space telemetry.Space) Finding {
	const check, remedy = "disk", "free some space or enlarge the disk; copies named chat.db.schema-… and chat.db.before-restore-… can be deleted"
	floor := d.Config.DiskFloor(space.Total)
	database, err := os.Stat(filepath.Join(d.Config.Data, store.File))
	switch {
	case space.Free < floor:
		return problem(check, remedy, "%s free, less than --min-free-disk (%s): the server stores only messages of up to %d bytes, and creates no rooms and no backups", size(space.Free), size(floor), chat.ShortText)
	case space.Free < d.Config.DiskWarning(space.Total) && floor > 0:
		return problem(check, remedy, "%s free; below %s (--min-free-disk) the server stores only messages of up to %d bytes", size(space.Free), size(floor), chat.ShortText)
	case space.Free < d.Config.DiskWarning(space.Total):
		return problem(check, remedy, "%s free", size(space.Free))
	case err == nil && float64(database.Size()) > space.Free-floor:
		return problem(check, "free some space, or put --backup-folder on another disk", "%s free, of which %s must stay free (--min-free-disk), but a backup needs %s", size(space.Free), size(floor), size(float64(database.Size())))
	default:
		return ok(check, "%s free", size(space.Free))
	}
}

// measureSync returns the median time to write a page of 4 kB and fsync it.
func measureSync(folder string) (median time.Duration, err error) {
	file, err := os.CreateTemp(folder, "doctor.*.new")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	var times []time.Duration
	for range syncSamples {
		began := time.Now()
		if _, err := file.Write(make([]byte, 4096)); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

// database checks the database, even while a server runs on it.
func (d *Doctor) database(ctx context.Context) []Finding {
	const check = "database"
	probed, err := store.Probe(ctx, d.Config.Database, d.Config.Data, d.Slow)
	path, isPostgres := filepath.Join(d.Config.Data, store.File), d.Config.Database != ""
	if isPostgres {
		path = "the Postgres database"
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{note(check, "", "no database yet; the server creates it at startup")}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{note(check, remedyOwner, "this user may not read %s", path)}
	case errors.As(err, new(*store.ErrNoCreateRight)), errors.Is(err, store.ErrPooler):
		return []Finding{problem(check, "see docs/postgres.md", "%v", err)}
	case err != nil && isPostgres:
		return []Finding{problem(check, "check that Postgres is running, accepts connections from this machine, and has this user and database: docs/postgres.md", "cannot read %s: %v", path, err)}
	case err != nil:
		return []Finding{problem(check, "restore a backup (chatserver restore): docs/backup.md", "cannot read %s: %v", path, err)}
	case probed.Schema > probed.Known:
		return []Finding{problem(check, "use that version, or restore a backup: docs/upgrade.md",
			"%s was written by a newer chatserver (schema %d, this one knows %d)", path, probed.Schema, probed.Known)}
	case probed.Schema < probed.Known:
		return []Finding{note(check, "", "%s has schema %d and will be migrated to %d at the next start", path, probed.Schema, probed.Known)}
	}
	how := "readable"
	if d.Slow && !isPostgres {
		how = "read completely, no damage found"
	}
	return []Finding{ok(check, "%s, %s, schema %d: %s", path, size(float64(probed.Bytes)), probed.Schema, how)}
}

// absolutePath returns the absolute form of a path.
func absolutePath(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return fmt.Sprintf("%q", path)
}
