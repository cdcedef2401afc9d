package chat_test

import (
	"testing"

	"go.uber.org/goleak"
)

// When all tests are over nothing runs any more.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
