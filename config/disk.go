package config

import "fmt"

const (
	// defaultDiskFloor and defaultDiskShare determine the default minimum: on a large
	// disk, a quarter of the threshold of the alert for little space, and on a small disk
	// a share that leaves most of it for messages.
	defaultDiskFloor = 250e6
	defaultDiskShare = 1. / 20
	// diskWarning is the multiple of the minimum below which operators are warned.
	diskWarning = 4
	// diskWarningUnset is the free space in bytes below which operators are warned if
	// there is no minimum.
	diskWarningUnset = 1e9
)

// DiskFloor returns the free space in bytes below which a disk of that size counts as
// almost full; 0 = never.
func (c *Config) DiskFloor(total float64) float64 {
	if c.MinFreeDisk != nil {
		return float64(*c.MinFreeDisk)
	}
	return min(defaultDiskFloor, total*defaultDiskShare)
}

// DiskWarning returns the free space in bytes below which operators are warned, for a
// disk of that size.
func (c *Config) DiskWarning(total float64) float64 {
	if floor := c.DiskFloor(total); floor > 0 {
		return diskWarning * floor
	}
	return diskWarningUnset
}

// checkDisk refuses a minimum that would have no effect.
func (c *Config) checkDisk(wrong *Mistakes) {
	if c.Database != "" && c.MinFreeDisk != nil && *c.MinFreeDisk > 0 {
		wrong.add(fmt.Errorf("--min-free-disk works only with SQLite: leave it out with --database, and monitor the disk of the Postgres server"))
	}
}
