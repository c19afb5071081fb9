package doctor

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/protocol/link"
)

const (
	answers  = 20 * time.Second // the longest that the convener is waited for
	skewWarn = 5 * time.Second
	skewFail = 5 * time.Minute // dates and expiries go wrong
	wantUDP  = 7 << 20         // bytes of a UDP buffer that bulk transfer is fast with
)

// link tries the way to the convener over both transports, and asks it for its time and version.
func (r *report) link(ctx context.Context, dir string, in node.Inspected, running *admin.Status) {
	ctx, cancel := context.WithTimeout(ctx, answers)
	defer cancel()
	cert, err := in.Keys.TLSCertificate()
	if err != nil {
		r.add("link", Fail, err.Error(), "restore the keys")
		return
	}
	c := in.Genesis.Convener
	o := link.Options{
		Name: in.Keys.Name(), Certificate: cert, Directory: link.NewDirectory(link.Member{Name: c.Name, Pin: c.TLSPin}), Transport: in.Config.Transport,
	}
	reach := link.Probe(ctx, c.Name, in.Config.Address, o)
	via := ""
	if reach.Proxy != "" {
		via = " through the proxy " + reach.Proxy
	}
	open := fmt.Sprintf("ask your network people to let this machine reach %s, UDP and TCP, outbound", in.Config.Address)
	switch {
	case reach.QUIC == nil:
		r.add("udp", OK, fmt.Sprintf("%s answers over QUIC in %d ms, with its pinned key", in.Config.Address, reach.QUICTime.Milliseconds()), "")
	case reach.TCP == nil:
		r.add("udp", Warn, "no QUIC: "+reach.QUIC.Error()+"; the service falls back to TCP", open)
	default:
		r.add("udp", Fail, "no QUIC: "+reach.QUIC.Error(), open+"; is the convener's service running?")
	}
	switch {
	case reach.TCP == nil:
		r.add("tcp", OK, fmt.Sprintf("%s answers over TCP%s in %d ms, with its pinned key", in.Config.Address, via, reach.TCPTime.Milliseconds()), "")
	case reach.QUIC == nil:
		r.add("tcp", Warn, "no TCP"+via+": "+reach.TCP.Error()+"; there is no fallback when UDP fails", open)
	default:
		r.add("tcp", Fail, "no TCP"+via+": "+reach.TCP.Error(), open)
	}
	if reach.QUIC == nil && reach.Buffers.Short() {
		r.add("buffers", Warn, fmt.Sprintf("UDP buffers of %d and %d kB", reach.Buffers.Receive>>10, reach.Buffers.Send>>10), raise)
	} else if reach.QUIC == nil {
		r.add("buffers", OK, fmt.Sprintf("UDP buffers of %d and %d kB", reach.Buffers.Receive>>10, reach.Buffers.Send>>10), "")
	}
	if reach.QUIC == nil || reach.TCP == nil {
		r.convener(ctx, dir, in, o, running)
	}
}

const raise = "sysctl -w net.core.rmem_max=7500000 net.core.wmem_max=7500000, and keep it in /etc/sysctl.d"

// convener asks the convener, through the running service or with a connection of its own, for its clock and version.
func (r *report) convener(ctx context.Context, dir string, in node.Inspected, o link.Options, running *admin.Status) {
	about, err := func() (admin.About, error) {
		if running != nil { // a second connection of the same member would end the first
			a, err := admin.Dial(dir)
			if err != nil {
				return admin.About{}, err
			}
			defer a.Close()
			return a.About(ctx)
		}
		p, err := link.NewPayer(in.Genesis.Convener.Name, in.Config.Address, o)
		if err != nil {
			return admin.About{}, err
		}
		defer p.Close()
		if err := p.WaitConnected(ctx); err != nil {
			return admin.About{}, err
		}
		return node.AskAbout(ctx, p, in.Genesis.Convener.Name)
	}()
	if err != nil {
		r.add("convener", Warn, "does not take this member's connection: "+err.Error(), "is this node approved? ask the convener's operator to look at tacet coordinator status")
		return
	}
	here := time.Now().Add(-time.Duration(about.RoundMS) * time.Millisecond / 2)
	skew := here.Sub(about.Time)
	text := fmt.Sprintf("%+.1f s beside the convener's, measured to %d ms", skew.Seconds(), about.RoundMS/2+1)
	switch s := skew.Abs(); {
	case s > skewFail:
		r.add("clock", Fail, text, "set the clock: timedatectl set-ntp true, here or at the convener")
	case s > skewWarn:
		r.add("clock", Warn, text, "set the clock: timedatectl set-ntp true, here or at the convener")
	default:
		r.add("clock", OK, text, "")
	}
	if v := node.Version(); v != about.Version {
		r.add("version", Warn, fmt.Sprintf("%s here, %s at the convener", v, about.Version), "bring both to the same version: a run whose plan differs is declined")
	} else {
		r.add("version", OK, v+", as at the convener", "")
	}
}

// listening says whether a convener's address can be listened on.
func (r *report) listening(in node.Inspected, running *admin.Status) {
	if running != nil {
		r.add("address", OK, "listens on "+running.Address, "")
		return
	}
	if in.Config.Address == "" {
		return
	}
	u, err := net.ListenPacket("udp", in.Config.Address)
	if err == nil {
		u.Close()
		var t net.Listener
		if t, err = net.Listen("tcp", in.Config.Address); err == nil {
			t.Close()
		}
	}
	if err != nil {
		r.add("address", Fail, err.Error(), "free the address, or change address in tacet.toml")
		return
	}
	r.add("address", OK, in.Config.Address+" is free over UDP and TCP", "")
}

// sockets looks at the system's bound of UDP buffers.
func (r *report) sockets() {
	for _, name := range []string{"rmem_max", "wmem_max"} {
		b, err := os.ReadFile("/proc/sys/net/core/" + name)
		n, perr := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
		switch {
		case err != nil || perr != nil:
			r.add("buffers", OK, "net.core."+name+" is not known on this system", "")
		case n < wantUDP:
			r.add("buffers", Warn, fmt.Sprintf("net.core.%s is %d kB", name, n>>10), raise)
		default:
			r.add("buffers", OK, fmt.Sprintf("net.core.%s is %d kB", name, n>>10), "")
		}
	}
}
