package attack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestMain: malformed-objects starts this binary again to see it die.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		err := Run(context.Background(), nil, func(Result) {})
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// TestAttacks: every attack works without its defence and is refused with it; those that nothing stops yet are named here, so that neither a
// new gap nor a closed one goes unnoticed.
func TestAttacks(t *testing.T) {
	open := map[string]bool{"false-share": true, "gates-of-ones-own": true, "rerun-on-a-fork": true, "spoil-and-read": true}
	s, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range suite {
		if underRace && !concurrent[a.Name] {
			continue // arithmetic of one goroutine, thirty times slower
		}
		t.Run(a.Name, func(t *testing.T) {
			r := a.run(context.Background(), s)
			want := Refused
			if open[a.Name] {
				want = Open
			}
			if r.Status != want {
				t.Fatalf("status %s, want %s: %s", r.Status, want, r.Error)
			}
			t.Logf("%.1f s\nwithout: %s\nwith:    %s", r.Seconds, r.Broken, r.Refusal)
		})
	}
}

// concurrent are attacks on whole members, which between them reach every goroutine here.
var concurrent = map[string]bool{"chosen-c1-refresh": true, "rushing-keys": true, "second-share-after-restore": true, "sum-link-lists": true, "sum-link-restored": true, "room-traffic": true}

func TestUnknownName(t *testing.T) {
	err := Run(context.Background(), []string{"swapped-result", "nonsense"}, func(Result) { t.Error("something was run") })
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "chosen-c1-refresh") {
		t.Error(err)
	}
}

// TestFailedHalves: a half that does not hold fails the attack, whichever it is; a panic is a failure and not the end of the suite.
func TestFailedHalves(t *testing.T) {
	good := func(context.Context, *scene) (string, error) { return "x", nil }
	bad := func(context.Context, *scene) (string, error) { return "", errors.New("nothing") }
	wild := func(context.Context, *scene) (string, error) { panic("wild") }
	for _, c := range []struct {
		a    Attack
		want string
		text string
	}{
		{Attack{Without: good, With: good}, Refused, ""},
		{Attack{Without: good, With: good, Open: "gap"}, Open, ""},
		{Attack{Without: bad, With: good}, Failed, "did not work without"},
		{Attack{Without: good, With: bad}, Failed, "the defence failed"},
		{Attack{Without: wild, With: good, Open: "gap"}, Failed, "panic: wild"},
	} {
		if r := c.a.run(context.Background(), nil); r.Status != c.want || !strings.Contains(r.Error, c.text) {
			t.Errorf("%+v", r)
		}
	}
}
