package rules

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/tacet-health/tacet/governance/entry"
)

// KindModelSet puts a jointly fitted model on record.
const KindModelSet = "model.set"

// ModelSet is the next version of a model that the recipients of an aggregate run have made, each by itself, of its sum: its hash is in the statement they
// signed. Expected values are computed with the version on record.
type ModelSet struct {
	ID      string          `json:"id"`      // of the sum's definition
	Version int64           `json:"version"` // 1, then one more each time
	Run     string          `json:"run"`
	Model   json.RawMessage `json:"model"` // its SHA-256 is Statement.Model
}

// ModelRecord is a model on record.
type ModelRecord struct {
	Index uint64 `json:"index"`
	Hash  string `json:"hash"`
	ModelSet
}

const maxModel = 256 << 10

func validateModel(b *ModelSet) *Refusal {
	if !isID(b.ID) || b.Version < 1 || len(b.Model) == 0 || len(b.Model) > maxModel || b.Model[0] != '{' {
		return refuse(CodeForm, "id, version or model is not in its form")
	}
	return nil
}

func resolveModel(s *State, e *entry.Signed, b *ModelSet) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	run := s.byRun[b.Run]
	if run == nil || run.Sum == nil || run.Status != RunCertified {
		return nil, refuse(CodeUnknownRun, "run %.70q is no certified aggregate", b.Run)
	}
	hash := hexOf(sha256.Sum256(b.Model))
	if hash != run.Result.Model {
		return nil, refuse(CodeHashMismatch, "the recipients of run %q signed another model", b.Run)
	}
	if def, ok := s.Sum(run.Sum.Sum); !ok || def.ID != b.ID {
		return nil, refuse(CodeUnknownSum, "run %q is not of %q", b.Run, b.ID)
	}
	want := int64(1)
	if old, ok := s.Model(b.ID); ok {
		want = old.Version + 1
	}
	if b.Version != want {
		return nil, refuse(CodeDuplicate, "the next version of model %q is %d, not %d", b.ID, want, b.Version)
	}
	return func(index uint64) { s.models = append(s.models, &ModelRecord{index, hash, *b}) }, nil
}

// checkModel holds the model that a manifest names for a measure against the measure's definition and what is on record: the last version counts, and goes
// on counting for the run when another one follows.
func (s *State) checkModel(ref MeasureRef, id string) *Refusal {
	m, ok := s.Model(id)
	switch {
	case id == "" && ref.Model == "":
		return nil
	case id == "":
		return refuse(CodeModel, "%s %s expects nothing, so no model is named for it", ref.ID, ref.Version)
	case !ok:
		return refuse(CodeModel, "%s %s takes expected values from model %q, and none is on record; fit it together first", ref.ID, ref.Version, id)
	case ref.Model != m.Hash:
		return refuse(CodeModel, "%s %s takes expected values from model %q, whose version on record is %d, %.16s…, not %.16q", ref.ID, ref.Version, id, m.Version, m.Hash, ref.Model)
	}
	return nil
}

// ModelWith returns the version of a model that has a hash.
func (s *State) ModelWith(id, hash string) (ModelRecord, bool) {
	for _, m := range s.models {
		if m.ID == id && m.Hash == hash {
			return *m, true
		}
	}
	return ModelRecord{}, false
}

// Model returns the last version of a model.
func (s *State) Model(id string) (ModelRecord, bool) {
	for i := len(s.models) - 1; i >= 0; i-- {
		if s.models[i].ID == id {
			return *s.models[i], true
		}
	}
	return ModelRecord{}, false
}

// Models returns all versions of all models in order.
func (s *State) Models() []ModelRecord {
	out := make([]ModelRecord, len(s.models))
	for i, x := range s.models {
		out[i] = *x
	}
	return out
}
