package chatv1

import (
	"bytes"

	"chatserver/ws"
)

// roomField is what the value of an event's second field follows if that is the room.
var roomField = []byte(`","room":"`)

// NameRooms returns events, complete frames of this package, with other names for their rooms:
// names has them by id. named is false if none of the events is about such a room, and the
// result are then the frames themselves.
//
// Members of a room share the frames of its events, in which it has its id. The few connections
// that joined it by another address get them with that, as they know no id.
func NameRooms(frames []byte, names map[string]string) (result []byte, named bool) {
	for rest := frames; len(rest) > 0; {
		frame := rest[:ws.FrameEnd(rest, 1)]
		rest = rest[len(frame):]
		before, id, after := cutRoom(ws.Payload(frame))
		name, is := names[string(id)]
		if is && !named {
			result, named = append(make([]byte, 0, len(frames)+len(name)), frames[:len(frames)-len(rest)-len(frame)]...), true
		}
		if !is {
			if named {
				result = append(result, frame...)
			}
			continue
		}
		dst, at := ws.BeginFrame(result)
		result = ws.EndFrame(append(append(append(dst, before...), name...), after...), at)
	}
	if !named {
		return frames, false
	}
	return result, true
}

// cutRoom cuts an event around the room that it is about; id is empty if it is about none.
func cutRoom(event []byte) (before, id, after []byte) {
	const begin = `{"event":"`
	at := bytes.IndexByte(event[min(len(begin), len(event)):], '"') + len(begin)
	if at < len(begin) || !bytes.HasPrefix(event[at:], roomField) {
		return event, nil, nil
	}
	at += len(roomField)
	end := bytes.IndexByte(event[at:], '"')
	if end < 0 {
		return event, nil, nil
	}
	return event[:at], event[at : at+end], event[at+end:]
}
