package main

import (
	"context"
	"testing"
)

func TestAnUnnoticedResetIsDetected(t *testing.T) {
	b := bench{}
	ctx := context.Background()
	err := b.withServer(ctx, program(t), t.TempDir(), func(s *server) error {
		w := joinPlan{address: s.address, room: "churn"}
		stays, err := w.enter(ctx, "Ann", "")
		if err != nil {
			return err
		}
		if err := w.alone(ctx, 0); err == nil {
			t.Error("another member in the room is not noticed")
		}
		stays.cut()
		return w.alone(ctx, goneTimeout)
	})
	if err != nil {
		t.Error(err)
	}
}
