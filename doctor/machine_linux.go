package doctor

import (
	"golang.org/x/sys/unix"
)

// clockSynced asks the kernel whether a time service such as NTP synchronizes its clock.
func clockSynced() (kept, known bool) {
	state, err := unix.Adjtimex(&unix.Timex{})
	return err == nil && state != unix.TIME_ERROR, err == nil
}

// networkFileSystems are file systems that several machines may write to, and whose locks
// are unreliable according to SQLite's documentation; by their magic numbers in
// statfs(2).
var networkFileSystems = map[int64]string{
	0x6969: "NFS", 0x517B: "SMB", 0xFE534D42: "SMB", 0xFF534D42: "CIFS", 0x01021997: "9p", 0x5346414F: "AFS", 0x6B414653: "AFS",
	0x00C36400: "Ceph", 0x0BD00BD0: "Lustre", 0x47504653: "GPFS", 0x01161970: "GFS2", 0x7461636F: "OCFS2", 0x73757245: "Coda", 0x564C: "NCP",
}

// fuseNumber is the magic number of FUSE, which may be backed by anything.
const fuseNumber = 0x65735546

// fileSystem returns the name of a folder's file system if SQLite should not be on it,
// and whether that is certain.
func fileSystem(folder string) (name string, certain bool) {
	var fs unix.Statfs_t
	if unix.Statfs(folder, &fs) != nil {
		return "", false
	}
	return fileSystemNamed(int64(fs.Type)) //nolint:unconvert // the type differs between architectures
}

func fileSystemNamed(number int64) (name string, certain bool) {
	number &= low32Bits
	if number == fuseNumber {
		return "FUSE", false
	}
	name = networkFileSystems[number]
	return name, name != ""
}

// low32Bits masks the magic number: some architectures sign-extend it.
const low32Bits = 0xFFFFFFFF
