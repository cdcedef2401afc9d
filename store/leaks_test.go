package store_test

import (
	"testing"

	"chatserver/chattest"
)

// TestMain checks that no goroutine outlives the tests.
func TestMain(m *testing.M) { chattest.Main(m) }
