package journal

import "chatserver/chat"

type pendingChange struct {
	conn   *chat.Connection
	change chat.Change
	to     chat.Subscription // which admitted the change
	bytes  int               // as admitted
}
