package flow_test

import (
	"testing"

	"octroi/gateway/intake/intaketest"
	"octroi/gateway/store/storetest"
)

// TestMain lets the test binary be the child that looks at documents, and stops the database that tests have started.
func TestMain(m *testing.M) { intaketest.Main(m, storetest.Stop) }
