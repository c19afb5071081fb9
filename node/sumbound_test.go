package node

import (
	"testing"

	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/governance/rules"
)

// TestBoundLimits: what the rules let into the log, the protocol can hold.
func TestBoundLimits(t *testing.T) {
	if rules.MaxBoundContributors != bounded.MaxMembers || rules.MaxBoundBits != bounded.MaxBits || rules.MaxBoundSize != bounded.MaxSize {
		t.Error("the rules' limits of proven bounds are not those of crypto/secagg/bounded")
	}
}
