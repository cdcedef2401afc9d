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
	// syncSamples are how many are timed, and slowSync is a median that people notice: each
	// message waits for one.
	syncSamples = 9
	slowSync    = 100 * time.Millisecond
)

// remedyOwner is what to do where this user is not the server's.
const remedyOwner = "run chatserver doctor as root, or as the user of the server"

// folder looks whether the data folder can hold a database, and who can read it.
func (d *Doctor) folder(context.Context) (found []Finding) {
	const check = "folder"
	if d.Config.Database != "" {
		return nil // the database is elsewhere, and so is its disk
	}
	info, err := os.Stat(d.Config.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{note(check, "give --data if the server has another one", "%s is not there; the server makes it when it starts", absolutePath(d.Config.Data))}
	case err != nil:
		return []Finding{problem(check, remedyOwner, "it cannot be looked at: %v", err)}
	case !info.IsDir():
		return []Finding{problem(check, "choose another one with --data", "%s is a file", absolutePath(d.Config.Data))}
	}
	found = openToOthers(found, d.Config.Data, info, "chmod 700 ", "other users may enter %s (%v)")
	if file, err := os.Stat(filepath.Join(d.Config.Data, store.File)); err == nil {
		found = openToOthers(found, filepath.Join(d.Config.Data, store.File), file, "chmod 600 ", "other users may read all messages in %s (%v)")
	}
	name, certain := fileSystem(d.Config.Data)
	switch {
	case certain:
		return append(found, problem(check, "put it on a disk of this machine", "%s is on a network file system (%s), on which SQLite loses what was stored", absolutePath(d.Config.Data), name))
	case name != "":
		return append(found, note(check, "make sure that it is a disk of this machine in the end", "%s is on a file system that another program serves (%s)", absolutePath(d.Config.Data), name))
	}
	return append(found, ok(check, "%s is on a disk of this machine, as far as is known", absolutePath(d.Config.Data)))
}

// openToOthers adds a note if users other than its owner have access to a file or folder.
func openToOthers(found []Finding, path string, info fs.FileInfo, do, says string) []Finding {
	if !store.OpenToOthers(info) {
		return found
	}
	return append(found, note("folder", do+absolutePath(path), says, absolutePath(path), info.Mode().Perm()))
}

// disk looks whether there is space, and how long it takes until something is written.
func (d *Doctor) disk(context.Context) (found []Finding) {
	const check = "disk"
	if info, err := os.Stat(d.Config.Data); d.Config.Database != "" || err != nil || !info.IsDir() {
		return nil // that was said of the folder, or there is none
	}
	if space, err := telemetry.DiskSpace(d.Config.Data); err == nil {
		found = append(found, d.spaceFinding(space))
	}
	took, err := measureSync(d.Config.Data)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return append(found, note(check, remedyOwner, "this user may not write to the data folder, so how long that takes is not known"))
	case err != nil:
		return append(found, problem(check, "make space; a disk may also be mounted read-only (mount shows it), or be failing (dmesg)", "nothing can be written to the data folder: %v", err))
	case took > slowSync:
		return append(found, problem(check, "look what else uses the disk (iostat -x 1), or choose a faster one", "it takes %v until something is on it, and each message waits for that", took.Round(time.Millisecond)))
	}
	return append(found, ok(check, "it takes %v until something is on it", took.Round(10*time.Microsecond)))
}

// spaceFinding compares what is free with what the server does about it.
func (d *Doctor) spaceFinding(space telemetry.Space) Finding {
	const check, cure = "disk", "make space, or make it larger; copies called chat.db.schema-… and chat.db.before-restore-… may go"
	floor := d.Config.DiskFloor(space.Total)
	database, err := os.Stat(filepath.Join(d.Config.Data, store.File))
	switch {
	case space.Free < floor:
		return problem(check, cure, "%s are free, less than --min-free-disk (%s): the server stores only messages of up to %d bytes, and makes no rooms and no backups", size(space.Free), size(floor), chat.ShortText)
	case space.Free < d.Config.DiskWarning(space.Total) && floor > 0:
		return problem(check, cure, "%s are free; below %s (--min-free-disk) the server stores only messages of up to %d bytes", size(space.Free), size(floor), chat.ShortText)
	case space.Free < d.Config.DiskWarning(space.Total):
		return problem(check, cure, "%s are free", size(space.Free))
	case err == nil && float64(database.Size()) > space.Free-floor:
		return problem(check, "make space, or have --backup-folder on another disk", "%s are free, of which %s must stay free (--min-free-disk), and a backup needs %s", size(space.Free), size(floor), size(float64(database.Size())))
	default:
		return ok(check, "%s are free", size(space.Free))
	}
}

// measureSync is how long it takes, in the median, to have a page of the database on the
// disk.
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

// database looks at it beside a server that may run.
func (d *Doctor) database(ctx context.Context) []Finding {
	const check = "database"
	looked, err := store.Probe(ctx, d.Config.Database, d.Config.Data, d.Slow)
	path, elsewhere := filepath.Join(d.Config.Data, store.File), d.Config.Database != ""
	if elsewhere {
		path = "the Postgres of --database"
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{note(check, "", "there is none yet; the server makes it when it starts")}
	case errors.Is(err, fs.ErrPermission):
		return []Finding{note(check, remedyOwner, "%s may not be read by this user", path)}
	case errors.As(err, new(*store.ErrNoCreateRight)), errors.Is(err, store.ErrPooler):
		return []Finding{problem(check, "docs/postgres.md says how", "%v", err)}
	case err != nil && elsewhere:
		return []Finding{problem(check, "look whether it runs, lets this machine in, and has this user and database: docs/postgres.md", "%s cannot be read: %v", path, err)}
	case err != nil:
		return []Finding{problem(check, "put a backup in its place: chatserver restore, docs/backup.md", "%s cannot be read: %v", path, err)}
	case looked.Schema > looked.Known:
		return []Finding{problem(check, "use that version, or put a backup in its place: docs/upgrade.md",
			"%s was written by a newer chatserver (schema %d, this one knows %d)", path, looked.Schema, looked.Known)}
	case looked.Schema < looked.Known:
		return []Finding{note(check, "", "%s has the schema %d and is migrated to %d at the next start", path, looked.Schema, looked.Known)}
	}
	how := "it can be read"
	if d.Slow && !elsewhere {
		how = "all of it was read and is whole"
	}
	return []Finding{ok(check, "%s, %s, schema %d: %s", path, size(float64(looked.Bytes)), looked.Schema, how)}
}

// absolutePath is a path as it is from everywhere.
func absolutePath(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return fmt.Sprintf("%q", path)
}
