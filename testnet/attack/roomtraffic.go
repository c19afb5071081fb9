package attack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/silence"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/room"
	"github.com/tacet-health/tacet/protocol/sum"
)

// What the convener sees of a sitting over the link: the writes of every member, in their order, with their sizes.

// tap is a member's endpoint with the convener's eye on it.
type tap struct {
	link.Endpoint
	seen locked[[][]int] // by stream
}

type tapped struct {
	link.Conn
	t  *tap
	at int
}

func (t *tap) Dial(ctx context.Context, member, service string) (link.Conn, error) {
	c, err := t.Endpoint.Dial(ctx, member, service)
	if err != nil {
		return nil, err
	}
	at := 0
	t.seen.do(func(s *[][]int) { at = len(*s); *s = append(*s, nil) })
	return tapped{c, t, at}, nil
}

func (c tapped) Write(b []byte) (int, error) {
	c.t.seen.do(func(s *[][]int) { (*s)[c.at] = append((*s)[c.at], len(b)) })
	return c.Conn.Write(b)
}

// shape is what a member has written, each stream once: the first round is held again when two have chosen one slot, which is chance. A stream that the
// convener was not ready for has a hello and no more.
func (t *tap) shape() string {
	var out []string
	t.seen.do(func(s *[][]int) {
		for _, x := range *s {
			if text := fmt.Sprint(x); len(x) > 1 && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	})
	return strings.Join(out, " ")
}

// sat holds a sitting of three over the link, in which one of them says something, or nobody; the shapes of what each has written.
func (l *links) sat(ctx context.Context, host *sum.Host, id byte, speaker string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	config := func(name string) room.Config {
		return room.Config{
			Sitting: silence.Sitting{ID: [32]byte{id}, Members: l.round.Members, MaxText: 64}, Keys: l.keys[name], Members: l.public,
			Dir: filepath.Join(l.folder(name), fmt.Sprint(id)),
		}
	}
	var failed locked[error]
	var wg sync.WaitGroup
	taps := map[string]*tap{}
	for _, n := range l.round.Members {
		p := room.Part{Config: config(n), Convener: hub}
		if n == speaker {
			p.Text = whisper
		}
		taps[n] = &tap{Endpoint: l.payers[n]}
		p.Endpoint = taps[n]
		wg.Go(func() {
			_, err := room.Take(ctx, p)
			failed.do(func(e *error) { *e = errors.Join(*e, err) })
		})
	}
	res, err := room.Hold(ctx, room.Hosting{Config: config(hub), Host: host, Deadline: 30 * time.Second})
	wg.Wait()
	if err = errors.Join(err, failed.v); err != nil {
		return nil, err
	}
	if (len(res.Texts) == 1) != (speaker != "") {
		return nil, errors.New("the sitting does not say what was said")
	}
	out := map[string]string{}
	for n, t := range taps {
		out[n] = t.shape()
	}
	return out, nil
}

// sameOnTheLink: speakers and those who are silent write the same, over real sockets.
func sameOnTheLink(ctx context.Context) (string, error) {
	l, err := newLinks(sumRound(3, 3))
	if err != nil {
		return "", err
	}
	defer l.close()
	host := sum.NewHost(l.hub)
	defer host.Close()
	seen := map[string]bool{}
	for i, speaker := range []string{"m00", "m02", ""} {
		shapes, err := l.sat(ctx, host, byte(i+1), speaker)
		if err != nil {
			return "", err
		}
		for _, s := range shapes {
			seen[s] = true
		}
	}
	if len(seen) != 1 {
		return "", fmt.Errorf("%d shapes of traffic on the link", len(seen))
	}
	for s := range seen {
		return "over the link, every member in each of three sittings writes " + s, nil
	}
	return "", nil
}
