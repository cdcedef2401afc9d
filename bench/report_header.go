package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// header describes what must be equal when figures are compared.
func (b *bench) header(ctx context.Context, form string) string {
	parts := []string{
		form, time.Now().UTC().Format(time.DateOnly), "commit " + commit(ctx), processor(),
		fmt.Sprint(runtime.NumCPU(), " cores"), kernel(), runtime.Version(), b.pinned, fmt.Sprint(b.Rounds, " rounds"),
	}
	if b.Server != "" {
		parts = append(parts, "server "+b.Server)
	}
	return strings.Join(parts, "; ")
}

// commit returns the commit that is measured. A copy of the source without its history
// can be measured as well.
func commit(ctx context.Context) string {
	short, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	changed, err := exec.CommandContext(ctx, "git", "status", "--porcelain").Output()
	if err != nil || len(changed) > 0 {
		return strings.TrimSpace(string(short)) + "-dirty"
	}
	return strings.TrimSpace(string(short))
}

// processor returns the CPU model, where the system reports it.
func processor() string {
	about, _ := os.ReadFile("/proc/cpuinfo") // missing on other systems
	for line := range strings.Lines(string(about)) {
		if name, model, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return runtime.GOARCH
}

func kernel() string {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease") // missing on other systems
	return strings.TrimSpace(runtime.GOOS + " " + string(release))
}
