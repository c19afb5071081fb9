package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/ledger"
)

// checkpoints signs with the keys of a network's members, as they would if all of them lied.
type checkpoints struct {
	t    *testing.T
	dir  string // of the network
	note []byte // the bundle's
	now  ledger.Checkpoint
}

func newCheckpoints(t *testing.T, dir string, signed []byte) checkpoints {
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	c, err := ledger.ParseCheckpoint(append(slices.Clone(text), '\n'))
	if err != nil {
		t.Fatal(err)
	}
	return checkpoints{t, dir, signed, c}
}

// signed is the checkpoint of so many entries ago, or one with another root, signed by those named; by all when nobody is.
func (c checkpoints) signed(ago uint64, fork bool, who ...string) []byte {
	c.t.Helper()
	at := ledger.Checkpoint{Origin: c.now.Origin, Size: c.now.Size - ago, Root: c.now.Root}
	if ago > 0 {
		at.Root = c.root(at.Size)
	}
	if fork {
		at.Root[0] ^= 1
	}
	var signers []note.Signer
	for _, name := range []string{"convener", "payer-1", "payer-2", "payer-3"} {
		if who != nil && !slices.Contains(who, name) {
			continue
		}
		k, err := identity.Load(filepath.Join(c.dir, name, "keys"))
		if err != nil {
			c.t.Fatal(err)
		}
		if name == "convener" {
			signers = append(signers, k.LogSigners(at.Origin, time.Unix(1_700_000_000, 0))...)
		} else {
			signers = append(signers, k.Cosigners(ledger.KeyName(at.Origin, name), time.Unix(1_700_000_000, 0))...)
		}
	}
	msg, err := note.Sign(&note.Note{Text: string(at.Text())}, signers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return msg
}

// root is the root of the convener's own log at that size.
func (c checkpoints) root(size uint64) ledger.Hash {
	genesis := read(c.t, filepath.Join(c.dir, "convener", "genesis.json"))
	l, err := ledger.Open(filepath.Join(c.dir, "convener", "ledger", "log"), genesis)
	if err != nil {
		c.t.Fatal(err)
	}
	defer l.Close()
	root, err := l.RootAt(size)
	if err != nil {
		c.t.Fatal(err)
	}
	return root
}

// half is the bundle's checkpoint without the last signature line: somebody's ML-DSA-44 signature.
func (c checkpoints) half() []byte {
	lines := strings.SplitAfter(string(c.note), "\n")
	return []byte(strings.Join(lines[:len(lines)-2], ""))
}

func read(t *testing.T, path string) []byte {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
