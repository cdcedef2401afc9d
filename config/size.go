package config

import (
	"fmt"
	"math"
	"strings"

	"github.com/dustin/go-humanize"
)

// Size is a number of bytes, written like 250000000, 250MB or 256MiB.
type Size int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Size) UnmarshalText(text []byte) error {
	bytes, err := humanize.ParseBytes(string(text))
	if err != nil || bytes > math.MaxInt64 || strings.HasPrefix(string(text), "-") {
		return fmt.Errorf("%q is not a size like 250MB, 1GiB or 0", text)
	}
	*s = Size(bytes)
	return nil
}

// String returns the size in the largest decimal unit that is exact: 250MB.
func (s Size) String() string {
	for _, unit := range []struct {
		name  string
		bytes Size
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if s >= unit.bytes && s%unit.bytes == 0 {
			return fmt.Sprint(int64(s/unit.bytes), unit.name)
		}
	}
	return fmt.Sprint(int64(s))
}

// Rounded returns the size in human-readable form: 1.2 GB.
func (s Size) Rounded() string { return humanize.Bytes(uint64(max(s, 0))) }
