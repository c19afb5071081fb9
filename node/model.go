package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node/vault"
)

// modelFolder holds the last version of each model on record, ID.json, for preview and explanation of a node that is not running. What a run uses is in the
// log, as its manifest names it.
const modelFolder = "models"

// KeptModel is a model on record with its definition: all that expected values need.
type KeptModel struct {
	ID         string          `json:"id"`
	Version    int64           `json:"version"`
	Hash       string          `json:"hash"`
	Definition json.RawMessage `json:"definition"` // of the sum it was made of
	Model      json.RawMessage `json:"model"`
}

// scorer reads the model.
func (k KeptModel) scorer() (*risk.Scorer, error) {
	d, err := risk.ReadDefinition(k.Definition)
	if err != nil {
		return nil, fmt.Errorf("model %s version %d: %w", k.ID, k.Version, err)
	}
	s, err := d.Scorer(k.Model)
	if err != nil {
		return nil, fmt.Errorf("model %s version %d: %w", k.ID, k.Version, err)
	}
	return s, nil
}

// modelOnRecord is a version of a model as the log has it, with the definition of the sum that it was made of; the last version where hash is empty.
func modelOnRecord(st *rules.State, id, hash string) (k KeptModel, err error) {
	m, ok := st.Model(id)
	if hash != "" {
		m, ok = st.ModelWith(id, hash)
	}
	if !ok {
		return k, fmt.Errorf("model %s is not on record: fit it together first", id)
	}
	r, ok := st.Run(m.Run)
	if !ok || r.Sum == nil {
		return k, fmt.Errorf("model %s version %d: its run %s is not in the log", id, m.Version, m.Run)
	}
	def, ok := st.Sum(r.Sum.Sum)
	if !ok || def.Kind != KindRisk {
		return k, fmt.Errorf("model %s version %d is not of a risk model's sum", id, m.Version)
	}
	return KeptModel{id, m.Version, m.Hash, def.Definition, m.Model}, nil
}

// modelSlot is what a measure of observed over expected takes from the log, or nothing for another measure.
func modelSlot(st *rules.State, spec *measures.Spec, hash string) ([]engine.Slot, error) {
	if spec.Model == "" {
		return nil, nil
	}
	k, err := modelOnRecord(st, spec.Model, hash)
	if err != nil {
		return nil, fmt.Errorf("measure %s %s: %w", spec.ID, spec.Version, err)
	}
	s, err := k.scorer()
	if err != nil {
		return nil, fmt.Errorf("measure %s %s: %w", spec.ID, spec.Version, err)
	}
	return []engine.Slot{{Name: spec.Model, Model: s}}, nil
}

// keepModels writes every model that comes on record to the node's folder, until ctx ends. A crash leaves the version before, which the next start replaces.
func (s *Service) keepModels(ctx context.Context) {
	kept := map[string]string{} // hash by id
	for {
		var next []KeptModel
		err := s.replica.Wait(ctx, func(st *rules.State) bool {
			next = nil
			for _, m := range st.Models() {
				if last, _ := st.Model(m.ID); last.Hash != m.Hash || kept[m.ID] == m.Hash {
					continue
				}
				if k, err := modelOnRecord(st, m.ID, ""); err == nil {
					next = append(next, k)
				}
			}
			return len(next) > 0
		})
		if err != nil {
			return // ctx ended, or the replica stopped and said so in its log
		}
		for _, k := range next {
			kept[k.ID] = k.Hash
			if err := s.keepModel(k); err != nil {
				s.log.Error("model not kept for preview and explanation", "model", k.ID, "version", k.Version, "error", err)
			}
		}
	}
}

func (s *Service) keepModel(k KeptModel) error {
	if _, err := s.dir.Folder(modelFolder); err != nil {
		return err
	}
	b, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return vault.Write(s.dir.Path(modelFolder, k.ID+".json"), b)
}

// Kept reads the model of a measure that a node's directory holds; nil for a measure without one.
func Kept(dir string, spec *measures.Spec) (*KeptModel, error) {
	if spec.Model == "" {
		return nil, nil
	}
	b, err := os.ReadFile(filepath.Join(dir, modelFolder, spec.Model+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("measure %s %s takes expected values from model %s, and this node has seen none on record: let the members fit it together (tacet govern propose run RUN --sum %s --stage %s1 …), with this node's service running",
			spec.ID, spec.Version, spec.Model, spec.Model, StagePresence)
	}
	if err != nil {
		return nil, err
	}
	var k KeptModel
	if err := json.Unmarshal(b, &k); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, modelFolder, spec.Model+".json"), err)
	}
	return &k, nil
}

// withModel adds the model that the node's directory holds to what fills a measure's slots.
func withModel(dir string, spec *measures.Spec, slots []engine.Slot) ([]engine.Slot, error) {
	k, err := Kept(dir, spec)
	if k == nil || err != nil {
		return slots, err
	}
	s, err := k.scorer()
	if err != nil {
		return nil, err
	}
	return append(slots, engine.Slot{Name: spec.Model, Model: s}), nil
}
