package handlers

import (
	"net/netip"

	"chatserver/chat"
)

// Site is what the routes share: the chat, its public URL, and how requests reach it.
type Site struct {
	Chat           *chat.Chat
	Base           Base
	TrustedProxies []netip.Prefix // networks whose X-Forwarded-For and -Proto are trusted
	Limiter        *rateLimiter
	Reporter       *Reporter
}
