package main

import (
	"context"
	"os/exec"
	"testing"

	"chatserver/bench/peers/peerstest"
)

func TestNaiveIsAPeer(t *testing.T) { peerstest.Check(t, serve) }

// With different versions, the comparison would be of the stacks.
func TestItStandsOnTheStackOfTheChat(t *testing.T) {
	if ours, its := stack(t, "../../.."), stack(t, "."); ours != its {
		t.Errorf("the chat uses\n%sthis uses\n%s", ours, its)
	}
}

// stack returns the modules that a folder's module depends on, with versions.
func stack(t *testing.T, folder string) string {
	t.Helper()
	list := exec.CommandContext(context.Background(), "go", "list", "-m",
		"github.com/gofiber/fiber/v2", "github.com/gofiber/contrib/websocket",
		"github.com/fasthttp/websocket", "github.com/valyala/fasthttp")
	list.Dir = folder
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", folder, err)
	}
	return string(out)
}
