package matrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain builds the tacet binary that the network runs.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "tacet-matrix-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		executable = filepath.Join(dir, "tacet")
		if out, err := exec.Command("go", "build", "-o", executable, "github.com/tacet-health/tacet/cmd/tacet").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build tacet: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

var executable string

// TestFewCells: the convener and a payer are killed in the step with the most shares, and a payer is stopped.
func TestFewCells(t *testing.T) {
	var out bytes.Buffer
	o := Options{
		Steps: []string{"refresh-1"}, Members: []string{"convener", "payer-2"}, Points: []string{BeforeSend}, Actions: []string{Kill, Stop},
		Stopped: time.Second, Out: filepath.Join(t.TempDir(), "out"), JSON: true, Executable: executable, Stdout: &out,
	}
	if err := Run(t.Context(), o); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	var res Result
	if err := json.Unmarshal(out.Bytes(), &res); err != nil {
		t.Fatal(err)
	}
	if len(res.Cells) != 4 || res.Failed != 0 {
		t.Errorf("%+v", res)
	}
	for _, c := range res.Cells {
		if c.Verdict != certified || c.Reason != "" {
			t.Errorf("%s: %s %s", c, c.Verdict, c.Reason)
		}
	}
}

func TestCells(t *testing.T) {
	steps, members := []string{"prepare", "release", "certify"}, []string{"convener", "payer-1"}
	all, err := Options{}.cells(steps, members)
	if err != nil || len(all) != 3*2*3 {
		t.Fatalf("%d cells, %v", len(all), err)
	}
	for _, c := range []struct {
		cell Cell
		at   string
	}{
		{Cell{Step: "prepare", Member: "payer-1", Point: AfterSend}, "sent"},
		{Cell{Step: "release", Member: "payer-1", Point: AfterSend}, "revealed"},
		{Cell{Step: "release", Member: "convener", Point: AfterSend}, "sent"},
		{Cell{Step: "certify", Member: "convener", Point: AfterSend}, "revealed"},
		{Cell{Step: "release", Member: "convener", Point: BeforeWrite}, "made"},
	} {
		if p := c.cell.point("convener"); string(p) != c.at {
			t.Errorf("%s: %s", c.cell, p)
		}
	}
	for _, o := range []Options{{Steps: []string{"x"}}, {Members: []string{"x"}}, {Points: []string{"x"}}, {Actions: []string{"x"}}} {
		if _, err := o.cells(steps, members); err == nil || !strings.Contains(err.Error(), `no "x" among`) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestShownTwice: a member that shows two things for one step is found.
func TestShownTwice(t *testing.T) {
	for text, want := range map[string]bool{
		"r1 object input aa\nr1 object input aa\nr1 commit input bb\nr2 object input cc\n": false,
		"r1 object input aa\nr1 object input ab\n":                                         true,
	} {
		if got := twice("r1", text); (got != "") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestPrint(t *testing.T) {
	var out bytes.Buffer
	r := Result{Payers: 3, Set: "toy, INSECURE", Steps: []string{"prepare", "input"}, Members: []string{"convener", "payer-1"}, Cells: []Cell{
		{Step: "input", Member: "payer-1", Point: BeforeWrite, Verdict: certified}, {Step: "input", Member: "payer-1", Point: AfterSend, Verdict: hung},
	}}
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(strings.Split(out.String(), "\n"), "input  -         C H") || strings.Contains(out.String(), "prepare") {
		t.Error(out.String())
	}
}

// TestPathAndClock: a wall clock that jumps in the middle of a run, on a path with delay.
func TestPathAndClock(t *testing.T) {
	var out bytes.Buffer
	o := Options{
		Steps: []string{"input"}, Members: []string{"payer-2"}, Points: []string{BeforeSend}, Actions: []string{Clock},
		Netem: "delay 1ms", Relay: true, Out: filepath.Join(t.TempDir(), "out"), JSON: true, Executable: executable, Stdout: &out,
	}
	if err := Run(t.Context(), o); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	var res Result
	if err := json.Unmarshal(out.Bytes(), &res); err != nil {
		t.Fatal(err)
	}
	if len(res.Cells) != 1 || res.Cells[0].Verdict != certified || !strings.Contains(res.Netem, "relay") {
		t.Errorf("%+v", res)
	}
}
