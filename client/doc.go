// Package client is a Go client of the chat's JSON protocol, chat.v1, which
// docs/protocol.md specifies. It delivers every message of the rooms that were joined
// exactly once and in the order of their revs, and stores every message that is sent
// exactly once, whatever connection or server fails in between.
//
//	c, err := client.New("ws://localhost:9090", "Ann", client.Options{})
//	if err != nil { … }
//	go func() { ended <- c.Run(ctx) }()
//	c.Join("lobby")
//	for event := range c.Events() {
//		if m, is := event.(client.Message); is {
//			fmt.Println(m.From, m.Text)
//		}
//	}
//
// Run connects, and reconnects after a random, growing delay until its context ends or
// the server refuses for good. In a new connection it joins the rooms again from where
// each had got to, and sends again what was not acknowledged, with the same id.
//
// A Client may be used from any number of goroutines. Events may be read at leisure: a
// reader that falls behind costs a bounded queue, and what did not fit is requested again
// when there is room. Send waits for the acknowledgement and may be called between two
// reads of Events.
//
// The package needs nothing of the server: a program may copy it.
package client
