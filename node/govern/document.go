package govern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node/admin"
)

// subjects are the names of motions' subjects on a command line.
var subjects = map[string]string{
	"charter": rules.SubjectCharter, "seats": rules.SubjectSeats, "chair": rules.SubjectChair, "remove": rules.SubjectRemove, "rekey": rules.SubjectRekey,
	"retire": rules.SubjectRetire, "agreement": rules.SubjectEnact, "agreement-end": rules.SubjectEnd, "structure": rules.SubjectStructure,
	"sum": rules.SubjectSum, "freeze": rules.SubjectFreeze,
}

func proposeMotion(s *rules.State, a admin.Act) (string, any, error) {
	word := a.Args[0]
	subject, ok := subjects[word]
	if !ok {
		return "", nil, fmt.Errorf("no motion is about %q", word)
	}
	var body any
	var err error
	arg := ""
	if len(a.Args) > 1 {
		arg = a.Args[1]
	}
	short := map[string]bool{"chair": true, "remove": true, "retire": true, "agreement-end": true, "freeze": true}[word]
	if short && (len(a.Args) != 2 || len(a.Content) > 0) || !short && len(a.Args) != 1 {
		return "", nil, fmt.Errorf("%s: wrong arguments for this subject", word)
	}
	switch word {
	case "chair":
		if arg == "nobody" {
			arg = ""
		}
		body = rules.SeatChair{Holder: arg}
	case "remove":
		body = rules.MemberRemove{Name: arg, Reason: a.Options["reason"]}
	case "retire":
		m, err := measure(s, arg, isApproved)
		if err != nil {
			return "", nil, err
		}
		body = rules.MeasureRetire{Hash: m.Hash, Reason: a.Options["reason"]}
	case "freeze":
		if arg != s.Genesis().Ledger {
			return "", nil, fmt.Errorf("freeze %q: this ledger is %q; name it, for nothing is added to it afterwards", arg, s.Genesis().Ledger)
		}
		body = rules.LedgerFreeze{Reason: a.Options["reason"]}
	case "agreement-end":
		body = rules.AgreementEnd{ID: arg, Reason: a.Options["reason"]}
	case "charter":
		b := &rules.Charter{}
		if err = decode(s, a.Content, b); b.Version == 0 {
			b.Version = int64(len(s.Charters())) + 1
		}
		body = b
	case "seats":
		b := &rules.SeatSet{Vacate: []string{}, Assign: []rules.Seat{}}
		err = decode(s, a.Content, b)
		body = b
	case "rekey":
		b := &rules.MemberRekey{}
		err = decode(s, a.Content, b)
		body = b
	case "agreement":
		b := &rules.Agreement{}
		if err = decode(s, a.Content, b); b.Version == 0 {
			b.Version = 1
			for _, x := range s.Agreements() {
				if x.ID == b.ID {
					b.Version = x.Version + 1
				}
			}
		}
		body = b
	case "sum":
		b := &rules.SumDefine{}
		if err = decode(s, a.Content, b); err == nil && b.Version == 0 {
			b.Version = 1
			for _, x := range s.Sums() {
				if x.ID == b.ID {
					b.Version = x.Version + 1
				}
			}
		}
		if err == nil && b.Kind == "risk" && len(b.Definition) == 0 { // risk-cost and risk-readmission are the library's models, others of the allowed amounts
			outcome := strings.TrimPrefix(b.ID, "risk-")
			if outcome != risk.Cost && outcome != risk.Readmission {
				outcome = risk.Allowed
			}
			d := risk.DefaultOf(outcome)
			b.Definition = d.Canonical()
			if b.Cap == 0 {
				var bound uint64
				bound, err = d.Spec().Bound(uint64(d.MaxPeople), max(len(s.Payers()), 1))
				b.Cap = int64(bound)
			}
		}
		if err == nil && b.Bound != nil && b.Cap == 0 {
			b.Cap = b.Bound.Cap()
		}
		body = b
	case "structure":
		b := &rules.Structure{}
		if err = decode(s, a.Content, b); b.Version == 0 {
			b.Version = 1
			for _, x := range s.Structures() {
				if x.ID == b.ID {
					b.Version = x.Version + 1
				}
			}
		}
		body = b
	}
	if err != nil {
		return "", nil, err
	}
	id := a.Options["id"]
	for n := 1; id == ""; n++ { // the first free name
		if name := word + "-" + strconv.Itoa(n); !taken(s, name) {
			id = name
		}
	}
	raw, err := entry.Canonical(body)
	return rules.KindMotionPropose, rules.MotionPropose{ID: id, Subject: subject, Body: raw}, err
}

func taken(s *rules.State, id string) bool {
	_, ok := s.Motion(id)
	return ok
}

func document[B any](s *rules.State, kind string, content []byte, b *B) (string, any, error) {
	err := decode(s, content, b)
	return kind, b, err
}

// decode reads a document as people write it.
func decode(s *rules.State, content []byte, v any) error {
	if len(content) == 0 {
		return errors.New("the document is missing: give its file")
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return fmt.Errorf("read document: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read document: something stands after it")
	}
	tree, err := ease(s, "", tree)
	if err != nil {
		return fmt.Errorf("read document: %w", err)
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		return err
	}
	d = json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("read document: %w", err)
	}
	return nil
}

// ease puts dates, days and measures into the form of the log.
func ease(s *rules.State, field string, v any) (any, error) {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			var err error
			if x[k], err = ease(s, k, e); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, e := range x {
			var err error
			if x[i], err = ease(s, "", e); err != nil {
				return nil, err
			}
		}
	case string:
		switch {
		case field == "frozen_until" || field == "until":
			return date(x)
		case field == "from" && len(x) == len(time.DateOnly):
			return date(x)
		case strings.HasSuffix(field, "_seconds"):
			n, err := strconv.ParseInt(strings.TrimSuffix(x, "d"), 10, 32)
			if err != nil || !strings.HasSuffix(x, "d") {
				return nil, fmt.Errorf("%s: %q is not a number of days like 30d, nor a number of seconds", field, x)
			}
			return n * 86400, nil
		case field == "measure" && !entry.IsHash(x):
			m, err := measure(s, x, isApproved)
			return m.Hash, err
		}
	}
	return v, nil
}

// date reads a day (its beginning, UTC) or a moment.
func date(text string) (int64, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t.Unix(), nil
		}
	}
	return 0, fmt.Errorf("%q is no date like 2026-01-31, and no moment like 2026-01-31T12:00:00Z", text)
}
