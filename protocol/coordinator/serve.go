package coordinator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// maxMessages ends a control stream over which more comes than a run can have.
const maxMessages = 4 * (wire.MaxStep + 1)

func refuse(conn link.Conn, retry bool, format string, args ...any) {
	wire.Write(conn, wire.Refusal{Text: fmt.Sprintf(format, args...), Retry: retry})
	conn.CloseWrite()
}

// control serves "run/commit": one payer's statements in, everybody's out.
func (v *convener) control(ctx context.Context, from string, conn link.Conn) {
	kind, payload, err := wire.ReadFrame(conn)
	if err != nil || kind != wire.KindHello {
		refuse(conn, false, "a control stream begins with a hello")
		return
	}
	hello, err := wire.DecodeHello(payload)
	own := wire.Hello{Version: wire.Version, Run: v.m.Run, Manifest: v.m.Hash}
	switch {
	case err != nil:
		refuse(conn, false, "the hello is not understood")
		return
	case hello != own:
		refuse(conn, true, "the convener is at run %s", v.m.Run)
		return
	case !slices.Contains(v.m.Payers, from):
		refuse(conn, false, "%s is no payer of run %s", from, v.m.Run)
		return
	}
	if wire.Write(conn, own) != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pushed := make(chan struct{})
	go func() {
		defer close(pushed)
		defer cancel()
		v.push(ctx, conn, own)
	}()
	if err := v.listen(ctx, from, conn); err != nil {
		v.log.Debug("control stream", "run", v.m.Run, "from", from, "err", err)
	}
	cancel()
	conn.Close()
	<-pushed
}

// push sends the relay from its beginning and goes on as it grows. A second
// hello stands behind what there was at first, so that a payer that was away
// knows when it has heard of everything it did itself.
func (v *convener) push(ctx context.Context, conn link.Conn, hello wire.Hello) {
	list, more := v.relay.from(0)
	for at, first := 0, len(list); ; list, more = v.relay.from(at) {
		for _, m := range list {
			if wire.Write(conn, m) != nil {
				conn.Close()
				return
			}
		}
		at += len(list)
		if at == first && first >= 0 {
			first = -1
			if wire.Write(conn, hello) != nil {
				conn.Close()
				return
			}
		}
		if len(list) > 0 {
			continue
		}
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}

// listen takes a payer's statements. It may only speak for itself.
func (v *convener) listen(ctx context.Context, from string, conn link.Conn) error {
	for range maxMessages {
		kind, payload, err := wire.ReadFrame(conn)
		if err != nil {
			return err
		}
		if kind == wire.KindEnded {
			e, err := wire.DecodeEnded(payload)
			if err != nil || e != (wire.Ended{Run: v.m.Run, Manifest: v.m.Hash}) {
				return errors.New("a farewell of another run")
			}
			return v.relay.end(from)
		}
		e, err := driver.Open(v.members, kind, payload)
		if err != nil {
			return err
		}
		var fresh bool
		switch e := e.(type) {
		case run.Received:
			if e.Commit.Body().Member != from {
				return fmt.Errorf("a commit of %s", e.Commit.Body().Member)
			}
			if fresh, err = v.relay.commit(e.Commit); fresh { // an earlier life may hold what it announces
				v.there(announcedBy(e.Commit.Body()))
			}
		case run.Voided:
			if e.Void.Body().Member != from {
				return fmt.Errorf("a void of %s", e.Void.Body().Member)
			}
			fresh, err = v.relay.void(e.Void)
		}
		if err != nil {
			return err // it is said again over the next stream
		}
		if fresh && v.driver != nil {
			v.driver.Deliver(ctx, e)
		}
	}
	return errors.New("more statements than a run can have")
}

// request reads the one frame that opens an object stream.
func (v *convener) request(from string, conn link.Conn, want wire.Kind) (wire.Object, bool) {
	kind, payload, err := wire.ReadFrame(conn)
	if err != nil || kind != want {
		refuse(conn, false, "a request of another kind belongs here")
		return wire.Object{}, false
	}
	o, err := wire.DecodeObject(payload)
	if err != nil {
		refuse(conn, false, "the request is not understood")
		return wire.Object{}, false
	}
	if !slices.Contains(v.m.Payers, from) || want == wire.KindPut && o.Member != from {
		refuse(conn, false, "%s may not ask for this", from)
		return wire.Object{}, false
	}
	if !v.relay.announced(o) {
		refuse(conn, true, "no commit announces this object in run %s", v.m.Run)
		return wire.Object{}, false
	}
	return o, true
}

// put serves "run/put".
func (v *convener) put(_ context.Context, from string, conn link.Conn) {
	o, ok := v.request(from, conn, wire.KindPut)
	if !ok {
		return
	}
	if !v.board.holds(o.Hash) {
		if wire.Write(conn, wire.Proceed(o)) != nil {
			return
		}
		got, err := v.board.receive(o, conn)
		switch {
		case errors.Is(err, errBusy):
			refuse(conn, true, "the object is being received over another stream")
			return
		case errors.Is(err, objects.ErrWrong):
			refuse(conn, true, "the bytes are not the announced object")
			return
		case err != nil:
			v.log.Debug("object not received", "run", v.m.Run, "from", from, "err", err)
			refuse(conn, true, "the object was not received")
			return
		}
		v.count(o.Step, 0, got)
		v.relay.posted(o)
	}
	if wire.Write(conn, wire.Posted(o)) == nil {
		conn.CloseWrite()
	}
}

// get serves "run/get".
func (v *convener) get(ctx context.Context, from string, conn link.Conn) {
	o, ok := v.request(from, conn, wire.KindGet)
	if !ok {
		return
	}
	path, err := v.board.wait(ctx, o.Hash)
	if err != nil {
		return
	}
	list, err := v.board.chunks(o.Hash)
	if err != nil {
		refuse(conn, true, "the object cannot be read")
		return
	}
	f, err := os.Open(path)
	if err != nil {
		refuse(conn, true, "the object cannot be read")
		return
	}
	defer f.Close()
	if wire.Write(conn, wire.Posted(o)) != nil {
		return
	}
	n, kind, _, err := objects.Serve(conn, f, list, o.Size)
	v.count(o.Step, n, 0)
	switch {
	case err != nil:
		v.log.Debug("object not given out", "run", v.m.Run, "to", from, "err", err)
	case kind != 0:
		refuse(conn, false, "a request of another kind belongs here")
	default:
		conn.CloseWrite()
	}
}
