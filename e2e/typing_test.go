package e2e

import (
	"testing"
	"time"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"chatserver/chattest"
)

const nobodyTypes = `() => document.querySelector('[data-testid=typing]').textContent.trim() === ''`

func TestTypingIsShown(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob", "Cid", "Dan")
	ann, bob, cid, dan := people[0], people[1], people[2], people[3]
	ann.Imports(`({ TIMES }) => { TIMES.believed = 60_000; }`, "model/typing.js") // however slow this machine is
	ann.Sees("nobody typing", nobodyTypes)
	began := time.Now()
	bob.Types("h")
	ann.Shows("typing", "Bob is typing…")
	t.Logf("from the key to the line: %v", time.Since(began))
	bob.Sees("nothing of himself", nobodyTypes)
	ann.Sees("three dots that breathe", `() => document.querySelector('.typing-dots > span').getAnimations().some(({ effect }) => effect.getTiming().duration === 1200)`)
	if err := (proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}).Call(ann.page); err != nil {
		t.Fatal(err)
	}
	ann.Sees("dots that are still", `() => document.querySelector('.typing-dots > span').getAnimations().length === 0`)

	cid.Types("h")
	ann.Shows("typing", "Bob and Cid are typing…")
	dan.Types("h")
	ann.Shows("typing", "Several people are typing…")
	dan.page.KeyActions().Type(input.Enter).MustDo() // a person who sends is no longer typing
	ann.Hears("Dan: h")
	ann.Shows("typing", "Bob and Cid are typing…")
	dan.Types("a") // and the next key shows it again at once
	ann.Shows("typing", "Several people are typing…")
}

func TestTypingExpires(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	if within := ann.Imports(`({ TIMES }) => { const real = TIMES.believed; TIMES.believed = 3_000; return real <= 6_000; }`, "model/typing.js"); within != "true" {
		t.Error("the typing line stays for more than 6 s")
	}
	bob.Types("h")
	ann.Shows("typing", "Bob is typing…")
	ann.Sees("nobody typing", nobodyTypes)
	bob.Written("h")
}

// A browser's clock is set back by an hour, and typing is shown as before.
func TestTypingIsShownAfterTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	world, browser := chattest.NewWorld(t), NewBrowser(t)
	people := together(world, browser, "Ann", "Bob")
	ann, bob := people[0], people[1]
	ann.Imports(`({ TIMES }) => { TIMES.believed = 3_000; }`, "model/typing.js")
	bob.Types("h")
	ann.Shows("typing", "Bob is typing…")
	for _, tab := range people {
		tab.page.MustEval(`() => {
			const { now } = Date;
			Date.now = () => now() - 3_600_000;
		}`)
	}
	ann.Sees("nobody typing", nobodyTypes)
	bob.page.MustEval(`() => setInterval(() => document.querySelector('chat-room').socket.typing('lobby'), 50)`) // he continues to type
	ann.Shows("typing", "Bob is typing…")
}
