package deploy_test

import (
	"testing"

	"chatserver/chattest"
)

func TestMain(m *testing.M) { chattest.Main(m) }
