package deploy_test

import (
	"testing"

	"chatserver/chattest"
)

// No goroutine may be left after the tests.
func TestMain(m *testing.M) { chattest.Main(m) }
