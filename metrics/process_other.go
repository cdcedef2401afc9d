//go:build !linux && !darwin && !windows

package metrics

// Process collects nothing: the system has no /proc as Linux has it.
func Process(*Scrape) {}
