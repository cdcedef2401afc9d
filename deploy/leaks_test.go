package deploy_test

import (
	"testing"

	"chatserver/chattest"
)

// When all tests are over nothing runs any more.
func TestMain(m *testing.M) { chattest.Main(m) }
