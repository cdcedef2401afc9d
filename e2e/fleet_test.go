package e2e

import (
	"testing"

	"chatserver/chattest"
)

// A fleet behaves like one server: people see each other, hear each other, cannot take
// each other's names, and continue on another node.
func TestPeopleOnTwoNodesMeet(t *testing.T) {
	t.Parallel()
	f, browser := chattest.NewFleet(t, 2), NewBrowser(t)
	browser.ExpectsOutages()
	ann, bob := browser.Person(), browser.Person()
	ann.Opens(f.Nodes[0].URL("/"))
	bob.Opens(f.Nodes[1].URL("/"))
	ann.Connects("Ann", "25")
	bob.Labelled("Name").MustInput("ann")
	bob.Button("Connect").MustClick()
	bob.Shows("join", "This name is already in use: choose another name.")
	bob.Button("Use ann 2").MustClick()
	bob.Shows("status", "Connected")
	ann.Members("Ann", "ann 2")
	bob.Shows("member-count", "2")
	ann.Says("hello from the other node")
	bob.Hears("Ann: hello from the other node")
	bob.Labelled("Message").MustInput("w")
	ann.Shows("typing", "ann 2")

	f.Nodes[1].Stop()
	ann.Members("Ann")
	ann.Says("are you there?")
	f.Nodes[1].Start()
	bob.Hears("Ann: are you there?")
	ann.Members("Ann", "ann 2")
}
