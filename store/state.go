package store

import (
	"encoding/json"
	"fmt"
	"time"

	"chatserver/chat"
)

// The column state is chat.State as JSON, and empty for a message to which nothing happened.

// noState is the JSON of such a message.
const noState = "{}"

func encodeState(m *chat.Message) (column string, err error) {
	encoded, err := json.Marshal(m.State)
	if err != nil {
		return "", fmt.Errorf("encode the state of message %d: %w", m.Seq, err)
	}
	if string(encoded) == noState {
		return "", nil
	}
	return string(encoded), nil
}

func decodeState(m *chat.Message, column string) error {
	if column == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(column), &m.State); err != nil {
		return fmt.Errorf("decode the state of message %d: %w", m.Seq, err)
	}
	return nil
}

// milliseconds returns the time of a column.
func milliseconds(at int64) time.Time { return time.UnixMilli(at).UTC() }
