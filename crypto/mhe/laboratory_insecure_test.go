package mhe

import (
	"strings"
	"testing"
)

// TestLaboratoryIsForInsecureSetsOnly: the attacker's arithmetic cannot be had at a real set.
func TestLaboratoryIsForInsecureSetsOnly(t *testing.T) {
	for _, s := range sets {
		c, err := NewContext(s, 3)
		must(t, err)
		_, err = c.Laboratory()
		if s.Insecure != (err == nil) {
			t.Errorf("set %s: %v", s.Name, err)
		}
		if err != nil && !strings.Contains(err.Error(), "laboratory: refused for set") {
			t.Error(err)
		}
	}
}
