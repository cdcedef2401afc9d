//go:build !linux && !darwin && !windows

package metrics

// Process collects nothing: the system has no /proc like Linux.
func Process(*Scrape) {}
