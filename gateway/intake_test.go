package gateway

import (
	"testing"

	"octroi/gateway/intake/intaketest"
)

// TestMain lets the test binary be the child that looks at documents.
func TestMain(m *testing.M) { intaketest.Main(m) }
