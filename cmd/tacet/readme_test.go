package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// around ends every service of a script, whatever happens in it.
const around = `set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
`

// again stops the members of the README's network and starts them in other orders: payers before the convener, and the convener under running
// payers. Each time a run is certified.
const again = `
stop() { kill $(jobs -p); wait; }
ready() {
  for p in payer-1 payer-2 payer-3; do tacet node status --dir $p --wait 1m; done
  tacet coordinator status --dir convener --wait 1m
}
stop
# The population has nothing of the year before 2023 to judge it by.
sed -i '/^\[quality\]/,/^\[d/s/= [0-9]*$/= 0/' payer-?/tacet.toml
tacet node run --dir payer-3 &
tacet node run --dir payer-1 &
tacet node run --dir auditor-1 &
tacet coordinator run --dir convener &
convener=$!
tacet node run --dir payer-2 &
ready
tacet govern propose run pcp-2024 --measures qa-pcp --period 2024 --roster data/roster.csv --purpose "again" --agreement "demo agreement" --yes --dir convener
tacet coordinator release pcp-2024 --wait --out again --dir convener
tacet testnet check again/release.csv data/oracle.csv --measures qa-pcp
kill $convener; wait $convener
tacet coordinator run --dir convener &
ready
tacet govern propose run crc-2023 --measures qp-crc --period 2023 --roster data/roster.csv --purpose "again" --agreement "demo agreement" --yes --dir convener
tacet node release crc-2023 --wait --out third --dir payer-2
tacet govern show --dir payer-3
tacet node status --dir auditor-1 --wait 1m
`

// TestReadme gives exactly the commands of the README's "Run it for real", on a free port and with a small population and ring, and then goes on with
// them after every member was stopped.
func TestReadme(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "## Run it for real\n")
	_, text, ok2 := strings.Cut(text, "```sh\n")
	text, _, ok3 := strings.Cut(text, "```\n")
	if !ok || !ok2 || !ok3 {
		t.Fatal("the README has no commands of that section")
	}
	for old, new := range map[string]string{
		"127.0.0.1:4433":              freePort(t),
		"people=60000,practices=48":   "people=3000,practices=12",
		"--measures qp-crc,qa-pcp":    "--measures qp-crc,qa-pcp --practices 12",
		"init --dir convener":         "init --insecure-toy-parameters --dir convener",
		"tacet doctor --dir $p":       "tacet doctor --dir $p || test $? = 1", // what this machine lacks is not the README's fault
		"tacet coordinator evidence ": "tacet coordinator evidence ",
	} {
		if strings.Count(text, old) != 1 {
			t.Fatalf("%q is not once in the README's commands", old)
		}
		text = strings.Replace(text, old, new, 1)
	}
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	c := exec.CommandContext(t.Context(), "bash", "-c", around+text+again)
	c.Dir, c.Stdout, c.Stderr = dir, out, out
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 30 * time.Second
	err = c.Run()
	said, rerr := os.ReadFile(out.Name())
	if err != nil || rerr != nil {
		t.Fatalf("%v %v\n%s", err, rerr, said)
	}
	for _, want := range []string{"run crc-2024: certified", "run pcp-2024: certified", "run crc-2023: certified", "all 12 cells equal the pooled plain data", "auditor-1 (auditor)", "witnessed: size"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("the commands do not say %q:\n%s", want, said)
		}
	}
}

// freePort is an address of loopback that is free over UDP and TCP.
func freePort(t *testing.T) string {
	t.Helper()
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	l, err := net.Listen("tcp", u.LocalAddr().String())
	if err != nil {
		t.Skip("no port is free over UDP and TCP")
	}
	l.Close()
	return u.LocalAddr().String()
}
