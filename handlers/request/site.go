// Package request reads requests for the handlers: who sent them, from which address, to which
// host, in which language. It holds what the routes of all packages share, and none of them.
package request

import (
	"net/netip"

	"chatserver/accounts"
	"chatserver/chat"
)

// Site is what the routes share: the chat, its public URL, and how requests reach it.
type Site struct {
	Chat           *chat.Chat
	Accounts       *accounts.Accounts
	Base           Base
	TrustedProxies []netip.Prefix // networks whose X-Forwarded-For and -Proto are trusted
	Limiter        *RateLimiter
	Reporter       *Reporter
}
