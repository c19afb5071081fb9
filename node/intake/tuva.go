package intake

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/tacet-health/tacet/node/store"
)

// Tuva loads a folder of the Tuva input layer as the project publishes it:
// files <table>_seed.csv, each whole or not at all. Files of tables that are not
// kept, such as appointment, are left alone and counted.
func Tuva(ctx context.Context, s *store.Store, paths ...string) (store.Report, map[string]int64, error) {
	files, err := expand(paths, ".csv")
	if err != nil {
		return store.Report{}, nil, err
	}
	skipped := map[string]int64{}
	kept := files[:0]
	for _, f := range files {
		name, _, _ := strings.Cut(filepath.Base(f), ".")
		name = strings.TrimSuffix(name, "_seed")
		if _, ok := store.Lookup(name); ok {
			kept = append(kept, f)
		} else {
			skipped["files of "+name]++
		}
	}
	if len(kept) == 0 {
		return store.Report{}, skipped, &store.FileError{Problems: []store.Problem{{File: strings.Join(paths, ", "),
			Reason: "holds no table of the Tuva input layer that is kept; want eligibility_seed.csv, medical_claim_seed.csv, …"}}}
	}
	report, err := s.Load(ctx, kept...)
	return report, skipped, err
}
