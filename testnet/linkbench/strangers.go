package linkbench

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tacet-health/tacet/protocol/link"
)

const (
	atOnce   = 1024                   // strangers that wait for something
	patience = 500 * time.Millisecond // of a stranger
	prefixes = 8                      // from which they come
)

// Strangers begins connections to a hub for ever, rate a second, over QUIC and TCP in turn, from several prefixes of loopback, with a key that the
// hub does not know: real handshakes, as far as they are let. It writes how many it has begun to w, a line every 50 ms; no reader, no
// strangers.
func Strangers(ctx context.Context, addr string, rate int, w io.Writer) error {
	stranger, err := newMember("stranger")
	if err != nil {
		return err
	}
	pin, err := pinOf(ctx, addr)
	if err != nil {
		return err
	}
	dir := link.NewDirectory()
	dir.Set(link.Member{Name: "convener", Pin: pin})
	o := link.Options{Name: stranger.name, Certificate: stranger.cert, Directory: dir, NoRepair: true, HandshakeTimeout: patience,
		Proxy: func(string) (*url.URL, error) { return nil, errors.New("QUIC only") }}
	room := make(chan struct{}, atOnce)
	var begun atomic.Int64
	told := time.Now()
	began := time.Now()
	for due := 0; ctx.Err() == nil; time.Sleep(2 * time.Millisecond) {
		for ; due < int(time.Since(began).Seconds()*float64(rate)); due++ {
			from := net.IPv4(127, 77, byte(due/2%prefixes), byte(1+due%250))
			select {
			case room <- struct{}{}:
			default:
				continue // it is not let begin as many: fewer come
			}
			go func() {
				defer func() { <-room }()
				begun.Add(1)
				if due%2 == 0 {
					overTCP(ctx, from, addr, stranger)
				} else if pc, err := net.ListenUDP("udp", &net.UDPAddr{IP: from}); err == nil {
					mine := o
					mine.PacketConn = pc
					link.Probe(ctx, "convener", addr, mine)
					pc.Close()
				}
			}()
		}
		if time.Since(told) > 50*time.Millisecond {
			told = time.Now()
			if _, err := fmt.Fprintln(w, begun.Load()); err != nil {
				return nil
			}
		}
	}
	return nil
}

// pinOf is the hash of the key that a hub shows to everybody.
func pinOf(ctx context.Context, addr string) (pin [32]byte, err error) {
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return pin, err
	}
	defer raw.Close()
	err = tls.Client(raw, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13, NextProtos: []string{"tacet/1"},
		CurvePreferences: []tls.CurveID{tls.X25519MLKEM768}, VerifyConnection: func(s tls.ConnectionState) error {
			pin = sha256.Sum256(s.PeerCertificates[0].RawSubjectPublicKeyInfo)
			return nil
		}}).HandshakeContext(ctx)
	return pin, err
}

// overTCP is one stranger, who stays as long as he is let.
func overTCP(ctx context.Context, from net.IP, addr string, m member) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
	raw, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	defer raw.Close()
	c := tls.Client(raw, &tls.Config{Certificates: []tls.Certificate{m.cert}, InsecureSkipVerify: true, MinVersion: tls.VersionTLS13,
		CurvePreferences: []tls.CurveID{tls.X25519MLKEM768}, NextProtos: []string{"tacet/1"}})
	if c.HandshakeContext(ctx) == nil {
		c.SetReadDeadline(time.Now().Add(patience))
		io.Copy(io.Discard, c)
	}
}

// strangers is a flood from a process of its own at the lowest priority: what it costs the members is what the hub spends on it.
func (o Options) strangers(addr string) disturbance {
	return func(ctx context.Context) (func() int64, error) {
		cmd := exec.CommandContext(ctx, o.Executable, "testnet", "bench", "strangers", addr, strconv.Itoa(o.Flood))
		cmd.Stderr = os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		// The group, for priorities are a thread's.
		syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, 19)
		var begun atomic.Int64
		ready := make(chan struct{})
		go func() {
			defer cmd.Wait()
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				n, _ := strconv.ParseInt(strings.TrimSpace(lines.Text()), 10, 64)
				if begun.Swap(n) == 0 && n > 0 {
					close(ready)
				}
			}
			if begun.Load() == 0 {
				close(ready)
			}
		}()
		select {
		case <-ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if begun.Load() == 0 {
			return nil, errors.New("no stranger came: the strangers' process ended")
		}
		return begun.Load, nil
	}
}

// processor is what this process has used of processors so far.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
