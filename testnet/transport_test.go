package testnet

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestRunOverTCP: the same run where UDP is blocked.
func TestRunOverTCP(t *testing.T) {
	t.Parallel()
	o, _ := small(t)
	o.Transport = "tcp"
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, name := range o.payerNames() {
		log, err := os.ReadFile(filepath.Join(o.Out, name, "node.log"))
		if err != nil || !bytes.Contains(log, []byte(`"transport":"tcp"`)) || bytes.Contains(log, []byte(`"transport":"quic"`)) {
			t.Errorf("%s was not connected over TCP alone: %v", name, err)
		}
	}
}
