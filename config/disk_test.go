package config

import (
	"strings"
	"testing"
)

func TestASizeIsReadAndWrittenWithItsUnit(t *testing.T) {
	for written, want := range map[string]struct {
		bytes Size
		shown string
	}{
		"0": {0, "0"}, "250MB": {250e6, "250MB"}, "250 mb": {250e6, "250MB"}, "1GiB": {1 << 30, "1073741824"},
		"1.5GB": {1.5e9, "1500MB"}, "999": {999, "999"}, "12kB": {12e3, "12kB"}, "2TB": {2e12, "2000GB"},
	} {
		var size Size
		if err := size.UnmarshalText([]byte(written)); err != nil || size != want.bytes || size.String() != want.shown {
			t.Errorf("%s is %d, shown as %s, %v", written, int64(size), size, err)
		}
	}
	for _, written := range []string{"", "MB", "-1", "-1GB", "a lot", "1XB", "1e30", "NaN", "Inf", "99999999999999999999", "16EB"} {
		size := Size(7)
		if err := size.UnmarshalText([]byte(written)); err == nil || !strings.Contains(err.Error(), "is not a size like 250MB") || size != 7 {
			t.Errorf("%q is %d, %v", written, int64(size), err)
		}
	}
}

// A small disk has a small default minimum. A minimum that is set takes precedence.
func TestTheDefaultMinimumDependsOnTheDisk(t *testing.T) {
	set, none := Size(3e9), Size(0)
	for _, disk := range []struct {
		set                   *Size
		total, floor, warning float64
	}{
		{nil, 1e12, 250e6, 1e9},
		{nil, 1e9, 50e6, 200e6},
		{&set, 1e12, 3e9, 12e9},
		{&none, 1e12, 0, 1e9},
	} {
		c := Config{MinFreeDisk: disk.set}
		if floor, warning := c.DiskFloor(disk.total), c.DiskWarning(disk.total); floor != disk.floor || warning != disk.warning {
			t.Errorf("for %+v, the minimum is %v and the warning %v", disk, floor, warning)
		}
	}
}
