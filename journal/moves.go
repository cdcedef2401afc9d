package journal

import "chatserver/chat"

// beforeMove returns how many of the changes are the next batch: a Move is one of its own.
func beforeMove(changes []pendingChange) int {
	for i, p := range changes {
		if _, isMove := p.change.(chat.Move); isMove {
			return max(i, 1)
		}
	}
	return len(changes)
}

// deliverMoved sends the messages of a Move to the members of both rooms.
func deliverMoved(to Delivery, html *chat.Rendering, moved []chat.Message) {
	for i := range moved {
		html.Current(&moved[i])
		to.Apply(moved[i])
	}
}
