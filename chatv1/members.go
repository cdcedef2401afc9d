package chatv1

import (
	"slices"
	"sort"

	"chatserver/chat"
	"chatserver/ws"
)

// This file encodes the members of a room. Members that do not fit into a frame follow in
// presence events as users who joined, which clients add to their lists.

const (
	// presenceEnvelope bounds what a presence event contains besides users: field
	// names, the room, a number.
	presenceEnvelope = 200
	// maxUser bounds one encoded user: a name of 32 characters of up to four bytes each,
	// an age and an id.
	maxUser = 256
)

// appendSnapshot appends the answer to a join. The list of members gets the space that the page
// of messages leaves.
func (f Frames) appendSnapshot(dst []byte, e *chat.RoomSnapshot) []byte {
	dst, at := ws.BeginFrame(dst)
	dst = append(dst, `{"event":"room","room":`...)
	dst = append(appendAddress(appendString(dst, e.Room), e.Room, e.Address), `,"title":`...)
	dst = appendInt(appendString(dst, e.Title), "since", e.Page.Since)
	dst = append(appendInt(dst, "rev", e.Page.Rev), `,"members":`...)
	members := len(dst)
	dst = appendInt(dst, "online", int64(e.Online))
	dst = appendBool(f.appendMessages(dst, e.Page.Messages), "more", e.Page.More)
	if e.Reset {
		dst = appendBool(dst, "reset", true)
	}
	dst = append(dst, '}')
	first, rest := fitMembers(f.encodedMembers(e.Members), f.Size-(len(dst)-at-ws.HeaderSpace))
	dst = ws.EndFrame(slices.Insert(dst, members, first...), at)
	return f.appendRemaining(dst, e.Room, e.Members, rest, e.Online)
}

func (f Frames) appendPresence(dst []byte, e *chat.Presence) []byte {
	switch {
	case e.Crowd:
		dst, at := beginPresence(dst, e.Room)
		return endPresence(dst, at, e.Online)
	case e.Whole:
		dst, at := beginPresence(dst, e.Room)
		first, rest := fitMembers(f.encodedMembers(e.Members), f.Size-presenceEnvelope)
		dst = endPresence(append(append(dst, `,"members":`...), first...), at, e.Online)
		return f.appendRemaining(dst, e.Room, e.Members, rest, e.Online)
	}
	joined, left := e.Joined, e.Left
	for most := (f.Size - presenceEnvelope) / maxUser; ; {
		some := joined[:min(most, len(joined))]
		others := left[:min(most-len(some), len(left))]
		joined, left = joined[len(some):], left[len(others):]
		dst = f.appendPresenceChange(dst, e.Room, some, others, e.Online)
		if len(joined)+len(left) == 0 {
			return dst
		}
	}
}

func (f Frames) appendPresenceChange(dst []byte, room string, joined, left []chat.User, online int) []byte {
	dst, at := beginPresence(dst, room)
	dst = f.appendUsers(append(dst, `,"joined":`...), joined)
	dst = f.appendUsers(append(dst, `,"left":`...), left)
	return endPresence(dst, at, online)
}

// appendRemaining appends the members starting at index from, as users who joined.
func (f Frames) appendRemaining(dst []byte, room string, members *chat.Members, from, online int) []byte {
	for most := (f.Size - presenceEnvelope) / maxUser; from < len(members.Users); from += most {
		dst = f.appendPresenceChange(dst, room, members.Users[from:min(from+most, len(members.Users))], nil, online)
	}
	return dst
}

func beginPresence(dst []byte, room string) (extended []byte, at int) {
	dst, at = ws.BeginFrame(dst)
	return appendString(append(dst, `{"event":"presence","room":`...), room), at
}

func endPresence(dst []byte, at, online int) []byte {
	return ws.EndFrame(append(appendInt(dst, "online", int64(online)), '}'), at)
}

// encodedMembers encodes a list of members, once for all receivers.
func (f Frames) encodedMembers(list *chat.Members) *chat.Members {
	if list.Encoded == nil {
		encoded := []byte{'['}
		for i := range list.Users {
			encoded = f.appendUser(encoded, i, &list.Users[i])
			list.Ends = append(list.Ends, len(encoded))
		}
		list.Encoded = append(encoded, ']')
	}
	return list
}

// fitMembers returns the JSON of as many members as fit into limit bytes, and their number n.
func fitMembers(list *chat.Members, limit int) (encoded []byte, n int) {
	if len(list.Encoded) <= limit {
		return list.Encoded, len(list.Users)
	}
	n = sort.SearchInts(list.Ends, limit) // leaves a byte for the closing bracket
	if n == 0 {
		return []byte("[]"), 0
	}
	end := list.Ends[n-1]
	return append(slices.Clip(list.Encoded[:end]), ']'), n
}

func (f Frames) appendUsers(dst []byte, users []chat.User) []byte {
	dst = append(dst, '[')
	for i := range users {
		dst = f.appendUser(dst, i, &users[i])
	}
	return append(dst, ']')
}

// appendUser appends the user at index i of a list.
func (f Frames) appendUser(dst []byte, i int, user *chat.User) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	dst = appendString(append(dst, `{"name":`...), user.Name)
	if user.Age > 0 {
		dst = appendInt(dst, "age", int64(user.Age))
	}
	return append(f.ShortIDs.append(append(dst, `,"id":"`...), user.ID), '"', '}')
}
