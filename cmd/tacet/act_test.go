package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/governance/rules/transcript"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/govern"
)

// seat is a member whose log is a world of the rules alone: no network, the same interface.
type seat struct {
	admin.Member // what govern does not ask
	name         string
	mu           *sync.Mutex
	w            *transcript.World
}

func (s *seat) Draft(a admin.Act) (d admin.Draft, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Author = s.name
	if d.Kind, d.Body, err = govern.Compose(s.w.State, govern.Member{Name: s.name}, a); err == nil {
		d.Text, d.Diff = govern.Describe(s.w.State, d.Kind, d.Body)
	}
	return d, err
}

func (s *seat) Docket() admin.Docket { return govern.Open(s.w.State, s.name) }
func (s *seat) State() admin.State   { return admin.State{Ledger: transcript.Ledger} }
func (s *seat) Log(from uint64) (out []admin.Entry, err error) {
	for i, b := range s.w.Attempts {
		if e, err := entry.Open(b); err == nil && uint64(i) >= from {
			out = append(out, admin.Entry{Index: uint64(i), Author: e.Author, Kind: e.Kind, Text: audit.Text(e), Body: e.Body})
		}
	}
	return out, nil
}

func (s *seat) Propose(_ context.Context, kind string, body json.RawMessage) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq, prev := s.w.State.Next(s.name)
	signed, err := entry.Sign(s.w.Key(s.name), entry.Entry{Origin: transcript.Ledger, Author: s.name, Seq: seq, Prev: prev, Kind: kind, Version: 1, Body: body})
	if err != nil {
		return 0, err
	}
	v := s.w.Judge(signed)
	if v.Refusal != nil {
		return 0, &admin.Problem{Code: string(v.Refusal.Code), Text: v.Refusal.Error() + " (" + rules.Explain(v.Refusal.Code) + ")"}
	}
	return v.Index, nil
}

func (s *seat) Evidence(context.Context) (io.ReadCloser, error) { return nil, errors.New("none") }

// TestGovern: drafts are shown as text and as a difference, nothing is signed without a yes, and a refusal says its code and what that means.
func TestGovern(t *testing.T) {
	w, dirs := transcript.New(t), t.TempDir()
	w.Do("time 2021-01-01")
	var mu sync.Mutex
	for _, n := range append([]string{"convener"}, transcript.Founders...) {
		dir := filepath.Join(dirs, n)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		s, err := admin.Serve(dir, &seat{name: n, mu: &mu, w: w})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
	}
	charter := filepath.Join(dirs, "charter.json")
	if err := os.WriteFile(charter, []byte(`{"quorum_percent":51,"majority_percent":50,"motion_seconds":"1d"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	govern := func(who, answer string, args ...string) (string, error) {
		c := root()
		var out strings.Builder
		c.SetOut(&out)
		c.SetErr(&out)
		c.SetIn(strings.NewReader(answer))
		c.SetArgs(append(append([]string{"govern"}, args...), "--dir", filepath.Join(dirs, who)))
		err := c.ExecuteContext(t.Context())
		if err != nil {
			out.WriteString(err.Error())
		}
		return out.String(), err
	}
	for i, c := range []struct {
		who, answer string
		args        []string
		fails       bool
		want        []string
	}{
		{"payer-a", "", []string{"propose", "charter", charter}, true, []string{"payer-a signs motion.propose", "against what is in force:", `+   "motion_seconds": 86400`, "not signed"}},
		{"payer-a", "no\n", []string{"propose", "charter", charter}, true, []string{"not signed"}},
		{"payer-a", "", []string{"show"}, false, []string{"nothing is open", "the log's time is 2021-01-01"}},
		{"payer-a", "", []string{"propose", "charter", charter, "--json"}, false, []string{`"kind":"motion.propose"`, `"diff":"`}},
		{"payer-a", "yes\n", []string{"propose", "charter", charter}, false, []string{"entry 5: motion.propose"}},
		{"payer-b", "", []string{"show"}, false, []string{"open     motion charter-1", "waits for payer-a, payer-b", "payer-b may: tacet govern vote charter-1 yes|no|abstain"}},
		{"payer-b", "", []string{"show", "--json"}, false, []string{`"docket":{`, `"yours":["tacet govern vote`}},
		{"payer-a", "", []string{"vote", "charter-1", "yes", "--yes"}, false, []string{"votes yes on motion charter-1", "entry 6"}},
		{"payer-a", "", []string{"vote", "charter-1", "yes", "--yes"}, true, []string{"already_voted: ", "(a vote, or an opinion, is given once)"}},
		{"payer-b", "", []string{"vote", "charter-1", "abstain", "--yes", "--json"}, false, []string{`"index":7`}},
		{"convener", "", []string{"approve", "charter-1", "--yes"}, true, []string{"no_majority: 1 of 4 payers said yes", "(too few yes)"}},
		{"payer-c", "", []string{"comment", "charter-1", "a <longer> window & a chair?", "--yes"}, false, []string{"entry 8"}},
		{"payer-a", "", []string{"respond", "charter-1", "8", "later", "--yes"}, false, []string{"comment of payer-c (entry 8): a <longer> window & a chair?", "entry 9"}},
		{"payer-a", "", []string{"veto", "r-1", "no reason", "--yes"}, true, []string{"not_allowed"}},
		{"payer-a", "", []string{"log"}, false, []string{"motion charter-1: charter.set: version 1", "answers the comment at entry 8"}},
		{"payer-a", "", []string{"vote", "charter-1"}, true, []string{"want: MATTER yes|no|abstain", "see: tacet govern vote --help"}},
		{"payer-a", "", []string{"propose", "seats", filepath.Join(dirs, "absent")}, true, []string{"no such file"}},
	} {
		out, err := govern(c.who, c.answer, c.args...)
		if (err != nil) != c.fails {
			t.Fatalf("%d %v: %v\n%s", i, c.args, err, out)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%d %v: %q is not in\n%s", i, c.args, want, out)
			}
		}
	}
}
