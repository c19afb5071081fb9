package node

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/quality"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/protocol/run"
)

// A payer whose codes have dots declines with ErrQuality, from its own thresholds or from the profile's floor alone; neither the error nor its log has a figure.
func TestGateBeforeARun(t *testing.T) {
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{Threads: 1, MemoryMB: 256})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	text := "claim_id,claim_line_number,person_id,claim_start_date,diagnosis_code_1\n"
	for i := range 48 {
		text += fmt.Sprintf("c%d,1,p,%d-%02d-01,E11.9\n", i, 2023+i%24/12, i%12+1)
	}
	file := filepath.Join(t.TempDir(), "medical_claim.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Load(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	own, floor := Config{Quality: quality.Defaults()}, disclosure.QualityRate()
	floor.MinCodedPercent = 80
	for name, c := range map[string]struct {
		cfg     Config
		profile disclosure.Profile
		fails   bool
	}{
		"own thresholds": {own, disclosure.QualityRate(), true}, "floor of the profile": {Config{}, floor, true}, "none": {Config{}, disclosure.QualityRate(), false},
	} {
		var logged bytes.Buffer
		s := &Service{cfg: c.cfg, store: st, log: slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))}
		a := &agreed{run: "r", year: engine.Period{Year: 2024}, specs: []*measures.Spec{{Inputs: []string{"medical_claim"}}}, profiles: []disclosure.Profile{c.profile}}
		err := s.fit(t.Context(), a)
		if errors.Is(err, run.ErrQuality) != c.fails || !c.fails && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if figure := regexp.MustCompile(`[0-9]`); err != nil && figure.MatchString(err.Error()) || figure.MatchString(logged.String()) {
			t.Errorf("%s: a figure in %v or in %s", name, err, logged.String())
		}
		if c.fails && !bytes.Contains(logged.Bytes(), []byte("coded")) {
			t.Errorf("%s: the member's own log does not say which check: %s", name, logged.String())
		}
	}
}
