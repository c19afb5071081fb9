package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type fake struct{ kind string }

func (f *fake) Rooms() ([]Room, error)                       { return []Room{{Room: "r", Own: "waiting"}}, nil }
func (f *fake) Say(w Words) (Said, error)                    { return Said{State: w.Text}, nil }
func (f *fake) Ballot(b Ballot) error                        { return &Problem{Code: "sealed", Text: b.Choice} }
func (f *fake) Count(context.Context, string) (Tally, error) { return Tally{Yes: 2, Entry: 7}, nil }

func (f *fake) Status() Status { return Status{Name: "payer-1", Members: 3} }
func (f *fake) Propose(_ context.Context, kind string, body json.RawMessage) (uint64, error) {
	if kind == "bad" {
		return 0, &Problem{Code: "kind-unknown", Text: "no such kind"}
	}
	f.kind = kind + string(body)
	return 7, nil
}
func (f *fake) Run(_ context.Context, run string, wait bool) (Run, error) {
	if !wait {
		return Run{}, errors.New("expected wait")
	}
	return Run{Run: run, State: "void", Reason: "test"}, nil
}
func (f *fake) Events(ctx context.Context, g func(Event) error) error {
	for _, s := range []string{"prepare", "keys-1"} {
		if err := g(Event{Step: s}); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) Invite(Invite) (Invitation, error) { return Invitation{Text: "t"}, nil }
func (f *fake) Approve(_ context.Context, a Approval) (Candidate, error) {
	return Candidate{Member: a.Member}, nil
}
func (f *fake) Rotate() (Rotation, error) { return Rotation{Fingerprint: "1234"}, nil }

func (f *fake) Endorse(Approval) error               { return errors.New("not asked") }
func (f *fake) About(context.Context) (About, error) { return About{Version: "v"}, nil }
func (f *fake) State() State                         { return State{Ledger: "l"} }
func (f *fake) Log(from uint64) ([]Entry, error) {
	return []Entry{{Index: from, Body: json.RawMessage("{}")}}, nil
}
func (f *fake) Authorise(_ context.Context, q RunRequest) (Authorised, error) {
	return Authorised{}, &Problem{Code: "run_open", Text: q.Run}
}

func (f *fake) Preview(context.Context, string) ([]Previewed, error) {
	return []Previewed{{Measure: "qp-crc", Num: 1, Den: 2}}, nil
}
func (f *fake) Docket() Docket { return Docket{Member: "payer-1"} }
func (f *fake) Draft(a Act) (Draft, error) {
	return Draft{Kind: a.Verb, Body: []byte(`{"a":"<&>"}`)}, nil
}

func (f *fake) Snapshot(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("a snapshot")), nil
}

func (f *fake) Evidence(context.Context) (io.ReadCloser, error) {
	if f.kind == "" {
		return nil, errors.New("no checkpoint yet")
	}
	return io.NopCloser(strings.NewReader("a bundle")), nil
}

func serve(t *testing.T, dir string) *Client {
	t.Helper()
	s, err := Serve(dir, &fake{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestEveryCall(t *testing.T) {
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), strings.Repeat("long", 40))} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		c, ctx := serve(t, dir), t.Context()
		if s, err := c.Status(ctx); err != nil || s.Members != 3 {
			t.Fatalf("status %+v, %v", s, err)
		}
		var b strings.Builder
		if err := c.Evidence(ctx, &b); err == nil || !strings.Contains(err.Error(), "no checkpoint yet") || b.Len() > 0 {
			t.Fatalf("evidence %q, %v", b.String(), err)
		}
		if i, err := c.Propose(ctx, "k", map[string]int{"a": 1}); err != nil || i != 7 {
			t.Fatalf("propose %d, %v", i, err)
		}
		if err := c.Evidence(ctx, &b); err != nil || b.String() != "a bundle" {
			t.Fatalf("evidence %q, %v", b.String(), err)
		}
		_, err := c.Propose(ctx, "bad", nil)
		if p, ok := errors.AsType[*Problem](err); !ok || p.Code != "kind-unknown" {
			t.Fatalf("refusal came as %v", err)
		}
		d, err := c.Draft(ctx, Act{Verb: "k"})
		if _, perr := c.Propose(ctx, d.Kind, d.Body); err != nil || perr != nil || string(d.Body) != `{"a":"<&>"}` {
			t.Fatalf("the bytes to be signed came as %s, %v, %v", d.Body, err, perr)
		}
		if r, err := c.WaitRun(ctx, "r1"); err != nil || r.Run != "r1" || r.State != "void" {
			t.Fatalf("run %+v, %v", r, err)
		}
		var steps []string
		if err := c.Events(ctx, func(e Event) { steps = append(steps, e.Step) }); err != nil || strings.Join(steps, " ") != "prepare keys-1" {
			t.Fatalf("events %v, %v", steps, err)
		}
	}
}

func TestSocketIsPrivateAndGoes(t *testing.T) {
	dir := t.TempDir()
	s, err := Serve(dir, &fake{})
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(filepath.Join(dir, socketName))
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("socket mode %v, %v", st.Mode(), err)
	}
	s.Close()
	if _, err := Dial(dir); err == nil {
		t.Fatal("socket outlived its server")
	}
}

// TestRooms: what a person says reaches the member as it was said, and a refusal comes back.
func TestRooms(t *testing.T) {
	dir := t.TempDir()
	s, err := Serve(dir, &fake{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := Dial(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l, err := c.Rooms(t.Context())
	said, err2 := c.Say(t.Context(), Words{Room: "r", Text: "a < b"})
	tally, err3 := c.Count(t.Context(), "m1")
	if err := errors.Join(err, err2, err3); err != nil || len(l) != 1 || l[0].Own != "waiting" || said.State != "a < b" || tally.Entry != 7 {
		t.Error(l, said, tally, err)
	}
	if p, ok := errors.AsType[*Problem](c.Ballot(t.Context(), Ballot{Matter: "m1", Choice: "yes"})); !ok || p.Code != "sealed" {
		t.Error("a refused ballot is taken")
	}
}

// TestRoomPage: what people said is text on the page and nothing else; it loads nothing.
func TestRoomPage(t *testing.T) {
	var b bytes.Buffer
	err := RoomPage(&b, []Room{{
		Room: "r", Topic: "attribution", Members: []string{"a", "b", "c"}, Least: 3, Open: true, Seat: true, Next: 1_800_000_000, Own: "unclear", OwnText: "<i>mine</i>",
		Said: []Sitting{{Number: 2, Present: []string{"a", "b", "c"}, Statements: []string{"<script>alert(1)</script>"}, Entry: 9, Withheld: 1}},
	}})
	page := b.String()
	if err != nil || strings.Contains(page, "<script>") || strings.Contains(page, "<i>") || strings.Contains(page, "http://") || strings.Contains(page, "https://") {
		t.Error(err, page)
	}
	b.Reset()
	if err := RoomPage(&b, []Room{{Room: "r", Open: true, Due: true, Next: 1_800_000_000, Least: 3}, {Room: "q", Own: "waiting", OwnText: "mine"}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"due since 2027-01-15 08:00 UTC", "the room is closed: it is not said"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, want := range []string{"&lt;script&gt;", "Sitting 2, entry 9", "a, b, c", "1 withheld", "is not on record", "2027-01-15 08:00 UTC"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
