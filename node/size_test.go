package node

import "testing"

func TestSize(t *testing.T) {
	for in, want := range map[string]Size{"1.5GiB": 3 << 29, "900MiB": 900 << 20, " 2 GB": 2e9, "64KiB": 64 << 10, "7B": 7, "0B": 0} {
		var s, again Size
		if err := s.Set(in); err != nil || s != want {
			t.Errorf("%q: %d, %v", in, s, err)
		}
		if err := again.Set(s.String()); err != nil || again != s {
			t.Errorf("%q printed as %q: %d, %v", in, s, again, err)
		}
	}
	for _, in := range []string{"", "1.5", "GiB", "-1GiB", "1e99GiB", "NaNGiB", "1.5Gi"} {
		var s Size
		if err := s.Set(in); err == nil {
			t.Errorf("%q was read as %d", in, s)
		}
	}
}

// TestMemoryOfMember: a budget that leaves a payer's runs nothing is refused, and a convener has no database.
func TestMemoryOfMember(t *testing.T) {
	c := Config{Name: "a", Role: Payer, Convener: "c", Address: "localhost:1", Policy: Policy{Consent: "never"}, Database: Database{MemoryMB: 512, Threads: 1}, Memory: 600 << 20}
	if err := c.validate(); err == nil {
		t.Error("88 MiB for a run were accepted")
	}
	c.Memory = 0
	if err := c.validate(); err != nil || c.runMemory() != 1<<30 {
		t.Error(c.runMemory(), err)
	}
	c.Role, c.Convener = Convener, "a"
	if c.runMemory() != 3<<29 {
		t.Error(c.runMemory())
	}
}
