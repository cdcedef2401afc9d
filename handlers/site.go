package handlers

import (
	"net/netip"

	"chatserver/chat"
)

// site is what the routes share: the chat, its public URL, and how requests reach it.
type site struct {
	chat           *chat.Chat
	base           base
	trustedProxies []netip.Prefix // networks whose X-Forwarded-For and -Proto are trusted
	limiter        *rateLimiter
	reporter       *reporter
}
