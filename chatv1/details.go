package chatv1

import (
	"context"
	"strconv"

	"chatserver/chat"
	"chatserver/ws"
)

// pageEnvelope bounds what an answer contains besides its versions.
const pageEnvelope = 200

// The commands that read more of a message than its events have: its earlier texts, its
// thread, and the pinned messages of a room.

func versions(c call) error {
	since := int64(0)
	if c.Since != nil {
		since = *c.Since
	}
	page, more, err := c.chat.Versions(context.Background(), c.session.Conn(), c.ref(), since)
	if err == nil {
		c.session.Conn().Send(func(dst []byte) []byte { return c.frames.appendVersions(dst, c.ref(), page, more) })
	}
	return err
}

// appendVersions appends as many versions as fit a frame, at least one. more reports whether
// others follow these.
func (f Frames) appendVersions(dst []byte, of chat.Ref, page []chat.Version, more bool) []byte {
	dst, at := ws.BeginFrame(dst)
	dst = append(dst, `{"event":"versions","room":`...)
	dst = append(appendInt(appendString(dst, of.Room), "seq", of.Seq), `,"versions":[`...)
	first := len(dst)
	for i := range page {
		one := f.appendVersion(nil, &page[i], f.Size-pageEnvelope)
		if len(dst) > first && len(dst)-at+len(one) > f.Size-pageEnvelope {
			more = true
			break
		}
		if len(dst) > first {
			dst = append(dst, ',')
		}
		dst = append(dst, one...)
	}
	return ws.EndFrame(append(appendBool(append(dst, ']'), "more", more), '}'), at)
}

// appendVersion appends one earlier text, cut if it does not fit into limit bytes.
func (f Frames) appendVersion(dst []byte, v *chat.Version, limit int) []byte {
	m := chat.Message{Text: v.Text}.Fit(limit)
	dst = strconv.AppendInt(append(dst, `{"version":`...), int64(v.Number), 10)
	dst = appendString(append(dst, `,"text":`...), m.Text)
	if m.TextBytes > 0 {
		dst = appendInt(dst, "text_bytes", int64(m.TextBytes))
	}
	return append(appendTime(dst, "at", v.At), '}')
}

// thread answers with a page of a thread: what changed since a rev, the replies before a seq,
// or the newest replies behind the root.
func thread(c call) (err error) {
	ctx, conn := context.Background(), c.session.Conn()
	var page chat.Page
	encode := c.appendThread
	switch {
	case c.Since != nil:
		page, err = c.chat.ThreadSince(ctx, conn, c.ref(), *c.Since)
	case c.Before != 0:
		page, err = c.chat.ThreadBefore(ctx, conn, c.ref(), c.Before)
	default:
		encode = c.appendNewestThread
		page, err = c.chat.Thread(ctx, conn, c.ref())
	}
	if err == nil {
		conn.Send(func(dst []byte) []byte { return encode(dst, page) })
	}
	return err
}

// appendNewestThread appends a root and its newest replies. A large root and a large reply
// exceed a frame: then it appends the root alone.
func (c call) appendNewestThread(dst []byte, page chat.Page) []byte {
	start := len(dst)
	dst = c.appendThread(dst, page)
	if len(page.Messages) > 1 && len(dst)-start > c.frames.Size {
		page.Messages, page.More = page.Messages[:1], true
		dst = c.appendThread(dst[:start], page)
	}
	return dst
}

func (c call) appendThread(dst []byte, page chat.Page) []byte {
	dst, at := ws.BeginFrame(dst)
	dst = append(dst, `{"event":"thread","room":`...)
	dst = appendInt(appendString(dst, c.room), "seq", c.Seq)
	switch {
	case c.Since != nil:
		dst = appendInt(dst, "since", *c.Since)
	case c.Before != 0:
		dst = appendInt(dst, "before", c.Before)
	}
	dst = appendInt(dst, "rev", page.Rev)
	dst = appendBool(c.frames.appendMessages(dst, page.Messages), "more", page.More)
	return ws.EndFrame(append(dst, '}'), at)
}

func pins(c call) error {
	page, err := c.chat.Pins(context.Background(), c.session.Conn(), c.room)
	if err == nil {
		c.session.Conn().Send(func(dst []byte) []byte { return c.appendPins(dst, page) })
	}
	return err
}

func (c call) appendPins(dst []byte, page chat.Page) []byte {
	dst, at := ws.BeginFrame(dst)
	dst = append(dst, `{"event":"pins","room":`...)
	dst = appendInt(appendString(dst, c.room), "rev", page.Rev)
	dst = appendBool(c.frames.appendMessages(dst, page.Messages), "more", page.More)
	return ws.EndFrame(append(dst, '}'), at)
}
