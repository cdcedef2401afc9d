package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// git runs git in a folder, without the user's own configuration.
func git(t *testing.T, folder string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.com")
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, said)
	}
	return strings.TrimSpace(string(said))
}

// history creates a repository with a commit for each subject.
func history(t *testing.T, subjects ...string) string {
	t.Helper()
	folder := t.TempDir()
	git(t, folder, "init", "-q")
	for _, subject := range subjects {
		git(t, folder, "commit", "-q", "--allow-empty", "-m", subject)
	}
	return folder
}

// subjectsAfter checks the subjects of the commits after a base.
func subjectsAfter(t *testing.T, folder, base string) (string, error) {
	t.Helper()
	script, err := filepath.Abs("tools/subjects.sh")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), script, base)
	command.Dir = folder
	// git must not find a repository above the folder.
	command.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(folder))
	said, err := command.CombinedOutput()
	return string(said), err
}

func TestCommitSubjectsAreShortAndHaveNoPeriod(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 73)
	for subject, right := range map[string]bool{
		"chat: " + strings.Repeat("x", 66): true,
		strings.Repeat("é", 72):            true, // characters, not bytes
		"chat: take out the v1.2.3 note":   true,
		long:                               false,
		"chat: end with a period.":         false,
	} {
		folder := history(t, "chat: begin. "+long+".", subject, "chat: go on")
		base := git(t, folder, "rev-parse", "--short", "HEAD~2")
		said, err := subjectsAfter(t, folder, base)
		if right && (err != nil || said != "") {
			t.Errorf("%q: %v\n%s", subject, err, said)
		}
		if !right && (err == nil || !strings.Contains(said, subject+"\n") || strings.Contains(said, "go on")) {
			t.Errorf("%q passed, or the wrong commit is named: %v\n%s", subject, err, said)
		}
	}
}

// Merge commits have subjects that GitHub wrote.
func TestMergesMayHaveLongSubjects(t *testing.T) {
	t.Parallel()
	folder := history(t, "chat: begin")
	base := git(t, folder, "rev-parse", "HEAD")
	git(t, folder, "switch", "-q", "-c", "side")
	git(t, folder, "commit", "-q", "--allow-empty", "-m", "chat: go on")
	git(t, folder, "switch", "-q", "--detach", base)
	git(t, folder, "merge", "-q", "--no-ff", "side", "-m", "Merge "+strings.Repeat("0123456789", 8))
	if said, err := subjectsAfter(t, folder, base); err != nil || said != "" {
		t.Errorf("%v\n%s", err, said)
	}
}

// If there is no history to check, lint passes and says so.
func TestSubjectsAreSkippedWithoutTheirHistory(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 73)
	whole := history(t, "chat: begin", long)
	base := git(t, whole, "rev-parse", "HEAD~1")
	shallow := filepath.Join(t.TempDir(), "shallow")
	git(t, whole, "clone", "-q", "--depth", "1", "file://"+whole, shallow)
	for what, folder := range map[string]string{"a shallow clone": shallow, "a tarball": t.TempDir()} {
		said, err := subjectsAfter(t, folder, base)
		if err != nil || !strings.HasPrefix(said, "Skipped: commit subjects are not checked") {
			t.Errorf("%s: %v\n%s", what, err, said)
		}
	}
	// A clone that reaches back to the base is checked.
	deep := filepath.Join(t.TempDir(), "deep")
	git(t, whole, "clone", "-q", "--depth", "2", "file://"+whole, deep)
	if said, err := subjectsAfter(t, deep, base); err == nil || !strings.Contains(said, long) {
		t.Errorf("a deep clone: %v\n%s", err, said)
	}
}
