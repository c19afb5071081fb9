// Package loopback connects a convener and members on one machine, for the tests of what is spoken over the link.
package loopback

import (
	"sync"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/protocol/link"
)

var made sync.Map // name → func() *identity.Keys

// Keys are a member's, made once in a process: making them is not what is tested. Panics when the system gives no randomness.
func Keys(name string) *identity.Keys {
	f, _ := made.LoadOrStore(name, sync.OnceValue(func() *identity.Keys {
		k, err := identity.Generate(name)
		if err != nil {
			panic(err)
		}
		return k
	}))
	return f.(func() *identity.Keys)()
}

// Public are the public keys of members by name.
func Public(names ...string) map[string]identity.Public {
	out := map[string]identity.Public{}
	for _, n := range names {
		out[n] = Keys(n).Public()
	}
	return out
}

// Connect listens as the hub and connects the payers to it, which come back at once when their connection is lost. All are closed at the end of the test,
// payers first.
func Connect(t testing.TB, hub string, payers ...string) (*link.Hub, map[string]*link.Payer) {
	t.Helper()
	directory := link.NewDirectory()
	for name, p := range Public(append([]string{hub}, payers...)...) {
		directory.Set(link.Member{Name: name, Pin: p.TLSPin})
	}
	options := func(name string) link.Options {
		cert, err := Keys(name).TLSCertificate()
		if err != nil {
			t.Fatal(err)
		}
		return link.Options{Name: name, Certificate: cert, Directory: directory, ReconnectMin: time.Millisecond, ReconnectMax: 20 * time.Millisecond}
	}
	h, err := link.Listen("127.0.0.1:0", options(hub))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	out := map[string]*link.Payer{}
	for _, name := range payers {
		p, err := link.NewPayer(hub, h.Addr(), options(name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		out[name] = p
	}
	return h, out
}
