package testnet

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/testnet/synthetic"
)

// small is a network that ends in a few seconds. Tests of networks run beside each other: most of the time each of them waits.
func small(t *testing.T) (Options, *bytes.Buffer) {
	var out bytes.Buffer
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(out.String())
		}
	})
	return Options{
		Payers: 3, Synthetic: synthetic.Options{People: 3000, Practices: 12}, Practices: 12, Measures: []string{"qp-crc", "qa-pcp"},
		Out: filepath.Join(t.TempDir(), "out"), Once: true, Toy: true, Stdout: &out,
	}, &out
}

func TestNetworkEqualsOracle(t *testing.T) {
	t.Parallel()
	o, out := small(t)
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"INSECURE", "all 24 cells equal", "certify"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q", want)
		}
	}
	for _, f := range []string{"release.csv", "release.parquet", "certificate.json", "oracle.csv", "timings.json"} {
		if st, err := os.Stat(filepath.Join(o.Out, f)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", f, err)
		}
	}
	cert, err := os.ReadFile(filepath.Join(o.Out, "certificate.json"))
	if err != nil || !bytes.Contains(cert, []byte(`"insecure": true`)) {
		t.Errorf("the certificate of a toy run does not say so: %v", err)
	}
	noFigureOutside(t, o)
}

// TestNetworkAtRealParameters is the main job at 128-bit parameters: the smallest network that has everything.
func TestNetworkAtRealParameters(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a run at 128-bit parameters takes a minute of two cores")
	}
	o, out := small(t)
	o.Toy = false
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "INSECURE") {
		t.Error("a run at real parameters calls itself insecure")
	}
	noFigureOutside(t, o)
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	exe := os.Getenv("TACET_TEST_BINARY") // built by TestMain
	o, _ := small(t)
	o.Processes, o.Executable = true, exe
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

// TestFaults: whoever's copy is disturbed, the run is void, nothing is released, and every payer says so.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, name := range FaultNames() {
		t.Run(name, func(t *testing.T) {
			o, out := small(t)
			o.Fault = name
			err := Run(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), "is void, nothing is released") {
				t.Fatalf("run ended with %v", err)
			}
			for _, p := range o.payerNames() {
				if !strings.Contains(err.Error(), p+": ") {
					t.Errorf("%s does not say why: %v", p, err)
				}
			}
			if strings.Contains(out.String(), "release  ") {
				t.Error("decryption shares were given")
			}
			if _, err := os.Stat(filepath.Join(o.Out, "release.csv")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("release.csv: %v", err)
			}
		})
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	o, out := small(t)
	ctx, cancel := context.WithCancel(t.Context())
	o.Stdout = writerFunc(func(b []byte) (int, error) {
		if bytes.Contains(b, []byte("keys-1")) {
			cancel() // in the middle of the protocol
		}
		return out.Write(b)
	})
	begin := time.Now()
	if err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted run ended with %v", err)
	}
	if d := time.Since(begin); d > 60*time.Second {
		t.Errorf("took %v to end", d)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// noFigureOutside searches all files outside each payer's own folder for the payer's figures: as CSV fields and as a journal would hold
// them, consecutive little-endian integers.
func noFigureOutside(t *testing.T, o Options) {
	t.Helper()
	f, err := os.Open(filepath.Join(o.Out, "oracle.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range o.payerNames() {
		var text []string
		var words []byte
		for _, r := range records[1:] {
			text = append(text, r[5+i])
			n, err := strconv.ParseUint(r[5+i], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			words = binary.LittleEndian.AppendUint64(words, n)
		}
		needles := [][]byte{[]byte(strings.Join(text[:6], ",")), []byte(strings.Join(text[:6], " ")), []byte(strings.Join(text[:6], "\n")), words[:6*8]}
		err := filepath.WalkDir(o.Out, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if d != nil && d.Name() == p {
					return fs.SkipDir
				}
				return err
			}
			if d.Name() == "oracle.csv" || !d.Type().IsRegular() {
				return nil
			}
			b, err := os.ReadFile(path)
			for _, n := range needles {
				if bytes.Contains(b, n) {
					t.Errorf("figures of %s are in %s", p, path)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
