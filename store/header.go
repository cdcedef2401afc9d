package store

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// The header of an SQLite file, https://sqlite.org/fileformat2.html#the_database_header:
// its magic bytes, its length, and the offset of the user version.
const (
	magic       = "SQLite format 3\x00"
	headerBytes = 100
	userVersion = 60
)

// readHeader returns the header of a database, or an error if the file is not one.
func readHeader(path string) (header [headerBytes]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return header, fmt.Errorf("cannot read the backup: %w", err)
	}
	defer file.Close()
	if _, err := io.ReadFull(file, header[:]); err != nil || string(header[:len(magic)]) != magic {
		return header, fmt.Errorf("%s is not a backup of chatserver; nothing was changed", path)
	}
	return header, nil
}

// maxBackupNumber is more than any server will reach: a backup every second for 30 years.
const maxBackupNumber = 1e9

// BackupNumber returns the BackupOptions.Number of a backup; 0 also for a backup from
// before they had numbers, and for a number that no server gave, which another program may
// have written: the next number must not overflow. It returns an error if the file is not a
// database.
func BackupNumber(path string) (int32, error) {
	header, err := readHeader(path)
	number := int32(binary.BigEndian.Uint32(header[userVersion:])) //nolint:gosec // SQLite stores a signed number
	if number < 0 || number > maxBackupNumber {
		return 0, err
	}
	return number, err
}
