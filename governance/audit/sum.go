package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/governance/rules"
)

// SumTable is the table of an aggregate run: the file whose SHA-256 those present signed. Its canonical bytes are compact JSON in field order.
type SumTable struct {
	Run     string   `json:"run"`
	Sum     string   `json:"sum"` // hash of what was approved
	Stage   string   `json:"stage"`
	Period  string   `json:"period"`
	Present []string `json:"present"` // whose vectors are in it
	Dropped []string `json:"dropped"` // whose are not, though they had begun
	Values  []int64  `json:"values"`
	Total   *TotalOf `json:"total,omitempty"` // of exact totals
}

// Canonical is the signed form.
func (t SumTable) Canonical() ([]byte, error) { return json.Marshal(t) }

// ReadSum accepts the canonical bytes of a sum's table and nothing else.
func ReadSum(data []byte) (t SumTable, err error) {
	if err := strictJSON(data, &t); err != nil {
		return t, err
	}
	again, err := t.Canonical()
	if err != nil || !bytes.Equal(again, data) {
		return t, errors.New("is not in its one form")
	}
	return t, nil
}

// checkSum holds the table of an aggregate run against its manifest: what, when, how many elements, of whom, and none beyond what those present can make.
func checkSum(data []byte, where string, run rules.Run, st *rules.State) (found []*Finding) {
	sum := sha256.Sum256(data)
	if h := hex.EncodeToString(sum[:]); h != run.Result.Table {
		found = append(found, bad(CodeTableHash, where, "has SHA-256 %.16s…, the recipients of run %s signed %.16s…", h, run.Body.Run, run.Result.Table))
	}
	if len(data) > maxTable {
		return append(found, bad(CodeTable, where, "has %d bytes, at most %d", len(data), maxTable))
	}
	t, err := ReadSum(data)
	if err != nil {
		return append(found, bad(CodeTable, where, "%v", err))
	}
	def, ok := st.Sum(run.Sum.Sum)
	b := run.Sum
	switch {
	case !ok || t.Run != b.Run || t.Sum != b.Sum || t.Stage != b.Stage || t.Period != b.Period:
		return append(found, bad(CodeTable, where, "is of run %.70q, stage %.40q, period %.40q, or of another sum than authorised", t.Run, t.Stage, t.Period))
	case int64(len(t.Values)) != b.Length:
		return append(found, bad(CodeTableCell, where, "has %d elements, the manifest %d", len(t.Values), b.Length))
	case int64(len(t.Present)) < b.Threshold:
		return append(found, bad(CodeTable, where, "is of %d contributors, at least %d must be present", len(t.Present), b.Threshold))
	}
	if text := checkTotalTable(t, run, st); text != "" {
		return append(found, bad(CodeTable, where, "%s", text))
	}
	all := append(slices.Clone(t.Present), t.Dropped...)
	slices.Sort(all)
	if len(slices.Compact(slices.Clone(all))) != len(all) || slices.ContainsFunc(all, func(n string) bool { return !slices.Contains(b.Contributors, n) }) {
		found = append(found, bad(CodeTable, where, "has somebody present or dropped who does not contribute, or twice"))
	}
	for _, s := range run.Result.Signatures {
		if s.Member != st.Convener() && !slices.Contains(b.Contributors, s.Member) {
			found = append(found, bad(CodeTable, where, "is signed by %s, who takes no part", s.Member))
		}
	}
	return append(found, checkElements(t, where, run, def)...)
}

// checkElements holds the elements against what those present can make: by the cap, and where bounds are proven, by the range that each of them has proven
// to the others.
func checkElements(t SumTable, where string, run rules.Run, def rules.SumRecord) []*Finding {
	if set := def.Set(); run.Result.Set != set {
		return []*Finding{bad(CodeTable, where, "is certified with parameter set %.40s, the definition asks for %s", run.Result.Set, set)}
	}
	n := len(t.Present)
	low, high := -def.Cap*int64(n), def.Cap*int64(n)
	if def.Bound != nil {
		low, high = def.Bound.Range(n)
	}
	total := int64(0)
	for i, v := range t.Values {
		if v < low || v > high {
			return []*Finding{bad(CodeTableCell, fmt.Sprintf("%s: element %d", where, i), "is beyond what %d contributors can make", n)}
		}
		total += v
	}
	if def.Bound != nil && def.Bound.Kind == rules.BoundHistogram && total != int64(n) {
		return []*Finding{bad(CodeTableCell, where, "counts another number than the %d contributors, each of whom is in one bucket", n)}
	}
	return nil
}
