package coordinator_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

func TestHello(t *testing.T) {
	w := newWorld(t)
	good := wire.Hello{Version: wire.Version, Run: "run-1", Manifest: w.manifest.Hash}
	other := good
	other.Run = "run-2"
	stranger := good
	stranger.Manifest[0]++
	for _, c := range []struct {
		name, from string
		send       func(stream)
		text       string
		retry      bool
	}{
		{"other run", "alder", func(s stream) { s.send(other) }, "the convener is at run run-1", true},
		{"other manifest", "alder", func(s stream) { s.send(stranger) }, "the convener is at run run-1", true},
		{"outsider", "outsider", func(s stream) { s.send(good) }, "outsider is no payer of run run-1", false},
		{"no hello", "alder", func(s stream) { s.send(w.commit("alder", 0, nil)) }, "a control stream begins with a hello", false},
		{"garbage", "alder", func(s stream) { s.Write(bytes.Repeat([]byte{0xff}, 100)) }, "a control stream begins with a hello", false},
		{"not canonical", "alder", func(s stream) {
			wire.WriteFrame(s, wire.KindHello, []byte(`{"version":1, "run":"run-1"}`))
		}, "the hello is not understood", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := w.open(c.from, wire.ServiceCommit)
			s.t = t
			c.send(s)
			s.refused(c.text, c.retry)
		})
	}
}

// A payer speaks for itself alone; what it says reaches the others verbatim,
// once, also on a stream that is opened later.
func TestRelay(t *testing.T) {
	w := newWorld(t)
	alder, birch := w.control("alder"), w.control("birch")

	forged := w.control("cedar")
	forged.send(w.commit("alder", 1, nil)) // signed by alder, sent by cedar
	forged.closed()
	unsigned := w.control("cedar")
	b := bytes.Replace(w.commit("cedar", 1, nil).Bytes(), []byte(`"step":1`), []byte(`"step":2`), 1)
	must(t, wire.WriteFrame(unsigned, wire.KindCommit, b))
	unsigned.closed()
	outOfPlace := w.control("cedar")
	outOfPlace.send(wire.Posted{Run: "run-1", Manifest: w.manifest.Hash, Member: "cedar", Hash: wire.Hash{1}, Size: 1})
	outOfPlace.closed()

	// Of another run: not relayed, or birch would see it first.
	alder.send(w.commit("alder", 1, func(c *wire.Commit) { c.Manifest[0]++ }))
	first := w.commit("alder", 1, nil)
	alder.send(first)
	alder.send(first)
	second := w.commit("alder", 2, nil)
	alder.send(second)
	late := w.control("cedar")
	for _, s := range []stream{birch, late} {
		for _, want := range []*wire.SignedCommit{first, second} {
			if got := s.expect(wire.KindCommit); !bytes.Equal(got, want.Bytes()) {
				t.Fatal("the relay does not say what alder said")
			}
		}
	}
}

// The second of two different commits is passed on as evidence, a third is not;
// the convener ends the run and shows both.
func TestRelayOfEquivocation(t *testing.T) {
	w := newWorld(t)
	birch := w.control("birch")
	alder := w.control("alder")
	var said [][]byte
	for i := range byte(3) {
		c := w.commit("alder", 1, func(c *wire.Commit) { c.State[0] = i })
		said = append(said, c.Bytes())
		alder.send(c)
	}
	for _, want := range said[:2] {
		if !bytes.Equal(birch.expect(wire.KindCommit), want) {
			t.Fatal("the two contradicting statements are not relayed verbatim")
		}
	}
	v, err := wire.DecodeVoid(birch.expect(wire.KindVoid))
	must(t, err)
	if v.Body().Code != wire.Equivocation || len(v.Body().Evidence) != 2 || v.Body().Member != "hub" {
		t.Fatalf("%+v", v.Body())
	}
	o := <-w.ended
	w.ended <- o
	if o.Code != wire.Equivocation || len(o.Files) != 2 {
		t.Fatalf("%+v", o)
	}
}

func TestBoard(t *testing.T) {
	w := newWorld(t)
	o, body := w.object("alder")
	nothing := "no commit announces this object in run run-1"

	early := w.open("alder", wire.ServicePut)
	early.send(wire.Put(o))
	early.refused(nothing, true)

	alder, birch := w.control("alder"), w.control("birch")
	announce := func(member string, step int, o wire.Object) {
		s := alder
		if member == "birch" {
			s = birch
		}
		s.send(w.commit(member, step, func(c *wire.Commit) { c.Object, c.Size = o.Hash, o.Size }))
	}
	announce("alder", 1, o)
	birch.expect(wire.KindCommit)
	huge, _ := w.object("birch")
	huge.Step, huge.Size = 2, wire.MaxSize
	announce("birch", 2, huge)
	alder.expect(wire.KindCommit) // both are known to the relay now

	for _, c := range []struct {
		name, from, service string
		request             wire.Message
		text                string
		retry               bool
	}{
		{"other's object", "birch", wire.ServicePut, wire.Put(o), "birch may not ask for this", false},
		{"outsider", "outsider", wire.ServiceGet, wire.Get(o), "outsider may not ask for this", false},
		{"larger than the plan's", "birch", wire.ServicePut, wire.Put(huge), nothing, true},
		{"get as put", "alder", wire.ServicePut, wire.Get(o), "a request of another kind belongs here", false},
		{"unannounced", "alder", wire.ServiceGet, wire.Get{Run: "run-1", Manifest: w.manifest.Hash, Step: 2, Member: "alder", Hash: o.Hash, Size: o.Size}, nothing, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := w.open(c.from, c.service)
			s.t = t
			s.send(c.request)
			s.refused(c.text, c.retry)
		})
	}

	// A get waits for the object.
	get := w.open("birch", wire.ServiceGet)
	get.send(wire.Get(o))

	// Chunk hashes that are not the object's, and bytes that are not their
	// chunk's, leave nothing; nor does a torn upload.
	var asked wire.Want
	put := func(list, body []byte) stream {
		s := w.open("alder", wire.ServicePut)
		s.send(wire.Put(o))
		s.expect(wire.KindProceed)
		_, err := s.Write(list)
		must(t, err)
		if body != nil {
			want, err := wire.DecodeWant(s.expect(wire.KindWant))
			must(t, err)
			if want.First+want.Count != wire.Chunks(o.Size) {
				t.Fatalf("the board asks for %+v", want)
			}
			asked = want
			s.Write(body[want.First*wire.Chunk:]) // the board may refuse before the end
		}
		return s
	}
	var sum []byte
	for c := range slices.Chunk(body, wire.Chunk) {
		h := sha256.Sum256(c)
		sum = append(sum, h[:]...)
	}
	wrong := "the bytes are not the announced object"
	put(bytes.Repeat([]byte{1}, len(sum)), nil).refused(wrong, true)
	put(sum, append([]byte("x"), body[1:]...)).refused(wrong, true)
	torn := put(sum, body[:len(body)/2])
	torn.CloseWrite()
	torn.refused("the object was not received", true)

	put(sum, body).expect(wire.KindPosted)
	if asked.First != 1 { // half of the object ends in its second chunk
		t.Errorf("the board asks for chunk %d again", asked.First)
	}
	again := w.open("alder", wire.ServicePut)
	again.send(wire.Put(o))
	again.expect(wire.KindPosted) // nothing to send

	get.expect(wire.KindPosted)
	p, err := objects.Resume(filepath.Join(t.TempDir(), "object"), o.Hash, o.Size)
	must(t, err)
	n, err := p.Fill(get)
	must(t, err)
	if !p.Complete() || n != o.Size {
		t.Fatalf("%d bytes came back, not the object", n)
	}
	must(t, p.Close())
	outside := w.open("birch", wire.ServiceGet)
	outside.send(wire.Get(o))
	outside.expect(wire.KindPosted)
	outside.send(wire.Want{First: wire.Chunks(o.Size), Count: 1})
	_, err = io.ReadFull(outside, make([]byte, len(sum)))
	must(t, err)
	if n, _ := io.Copy(io.Discard, outside); n != 0 {
		t.Errorf("%d bytes for a chunk the object does not have", n)
	}
	birch.expect(wire.KindCommit) // its own
	birch.expect(wire.KindPosted)
}
