// Command fsck looks at an evidence bundle with other people's code: Tessera's fsck computes every hash tile and the root from the entries, and compares
// them with the bundle's tiles and with its checkpoint; the transparency-dev formats verify the log's signature and every cosignature with the keys that
// the bundle's policy prints. Nothing of ours is in it but the reading of the zip.
//
// It is a module of its own, so that Tessera's requirements are not the project's. From the project's root:
//
//	go -C governance/internal/fsck run . "$PWD/tacet-out/evidence.zip"
//
// Exit codes: 0 all of it is as the checkpoint says, 1 it is not.
package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: fsck EVIDENCE.zip")
		os.Exit(1)
	}
	text, err := check(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "fsck:", err)
		os.Exit(1)
	}
	fmt.Println(text)
}

// check returns what it found to be right.
func check(path string) (text string, err error) {
	defer func() { // of Tessera's code, on a bundle that is shorter than it says
		if p := recover(); p != nil {
			err = fmt.Errorf("the bundle cannot be walked: %v", p)
		}
	}()
	z, err := zip.OpenReader(path)
	if err != nil {
		return "", err
	}
	defer z.Close()
	b := bundle{z}
	policy, err := b.read("policy")
	if err != nil {
		return "", err
	}
	log, witnesses, err := keys(string(policy))
	if err != nil {
		return "", err
	}
	signed, err := b.read("checkpoint")
	if err != nil {
		return "", err
	}
	c, _, n, err := flog.ParseCheckpoint(signed, log.Name(), log, witnesses...)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	if err := fsck.New(c.Origin, log, b, leafHashes, fsck.Opts{N: 2}).Check(context.Background()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %d entries, tiles and root as computed from them; %d signatures of %d keys of the policy", c.Origin, c.Size, len(n.Sigs), 1+len(witnesses)), nil
}

// keys reads the verifier keys of a policy (c2sp.org/tlog-policy): one log and its witnesses.
func keys(policy string) (log note.Verifier, witnesses []note.Verifier, err error) {
	for line := range strings.Lines(policy) {
		f := strings.Fields(line)
		switch {
		case len(f) >= 2 && f[0] == "log" && log == nil:
			log, err = note.NewVerifier(f[1])
		case len(f) >= 3 && f[0] == "witness":
			var w note.Verifier
			w, err = fnote.NewVerifierForCosignatureV1(f[2])
			witnesses = append(witnesses, w)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("policy: %.60q: %w", line, err)
		}
	}
	if log == nil {
		return nil, nil, errors.New("policy: no log")
	}
	return log, witnesses, nil
}

// leafHashes are the hashes of the leaves of an entry bundle.
func leafHashes(data []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(data); err != nil {
		return nil, err
	}
	var out [][]byte
	for _, e := range b.Entries {
		out = append(out, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return out, nil
}

// bundle is the zip as the source of a tiled log's files.
type bundle struct{ zip *zip.ReadCloser }

func (b bundle) read(name string) ([]byte, error) {
	f, err := b.zip.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

func (b bundle) ReadCheckpoint(context.Context) ([]byte, error) { return b.read("checkpoint") }

func (b bundle) ReadTile(_ context.Context, level, index uint64, partial uint8) ([]byte, error) {
	return b.read(layout.TilePath(level, index, partial))
}

func (b bundle) ReadEntryBundle(_ context.Context, index uint64, partial uint8) ([]byte, error) {
	return b.read(layout.EntriesPath(index, partial))
}
