package testnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/sum"
	"github.com/tacet-health/tacet/testnet/lossy"
)

const convener = "convener"

// network is the members of a test network, started or not.
type network struct {
	o       *Options
	members []*member // the convener first, then the payers in order
	compute chan struct{}
	relay   *lossy.Relay // of Options.Path
}

// member is one member as its operator sees it: a data directory and its local interface.
type member struct {
	cfg    node.Config
	client *admin.Client
	stop   func() error          // ends the member and waits for it
	signal func(os.Signal) error // of a process
	dead   chan struct{}         // of a process: closed when it has ended
	hooks  run.Hooks
	sums   func(sum.Point, secagg.Kind) bool // stops it in a sum
	cheat  func(x []int64) []int64           // what it adds in a sum, whatever the bounds
}

const (
	databaseMB            = 512       // bound of each payer's database
	leastMemory node.Size = 640 << 20 // of a member's budget
)

func newNetwork(o *Options) *network {
	n := &network{o: o}
	for _, name := range append([]string{convener}, o.payerNames()...) {
		c := node.Config{
			Name: name, Role: node.Payer, Convener: convener, Address: "127.0.0.1:0", Dir: filepath.Join(o.Out, name),
			Policy: node.Policy{Consent: "standing", Measures: []string{"any"}, Profiles: []string{"any"}, Peers: []string{"any"}}, Database: node.Database{MemoryMB: databaseMB, Threads: 1}, Memory: o.Memory,
		}
		if name == convener {
			c.Role = node.Convener
		} else {
			c.Transport = o.Transport
		}
		if o.public() {
			c.Withhold.Part2 = "keep"
		}
		n.members = append(n.members, &member{cfg: c})
	}
	return n
}

// payerNames are the members' names in payer order.
func (o *Options) payerNames() []string {
	var names []string
	for i := range o.Payers {
		names = append(names, fmt.Sprintf("payer-%d", i+1))
	}
	return names
}

// initialise makes every member's keys and configuration, and the genesis that names them all. Processes were made before their data was loaded.
func (n *network) initialise() error {
	if n.o.Processes {
		return nil
	}
	g := rules.Genesis{Format: 1, Ledger: "testnet.tacet/governance", Insecure: n.o.Toy}
	for _, m := range n.members {
		pub, err := node.Init(m.cfg)
		if err != nil {
			return err
		}
		if m.cfg.Role == node.Convener {
			g.Convener = pub
		} else {
			g.Members = append(g.Members, pub)
		}
	}
	for _, m := range n.members {
		if err := node.SetGenesis(m.cfg.Dir, g); err != nil {
			return err
		}
	}
	return nil
}

func (n *network) payers() []*member { return n.members[1:] }

// loadData lets every payer's store take in that payer's part, as many at a time as there are processors.
func (n *network) loadData(ctx context.Context, s *source) error {
	if n.o.Processes {
		if err := n.initialiseByCommand(ctx); err != nil {
			return err
		}
	}
	gate := make(chan struct{}, runtime.NumCPU())
	errs := make([]error, n.o.Payers)
	var wg sync.WaitGroup
	for i, m := range n.payers() {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			if n.o.Processes && s.folders != nil {
				_, errs[i] = n.tacet(ctx, "node", "load", s.folders[i], "--dir", m.cfg.Dir)
				return
			}
			errs[i] = node.WithStore(ctx, m.cfg, func(st *store.Store) error { return s.load(ctx, i, st) })
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// start starts the convener, tells the payers its address, and starts them. Whoever was started is stopped by stop, also after an error.
func (n *network) start(ctx context.Context) error {
	if n.o.Processes {
		return n.startByCommand(ctx)
	}
	if n.compute == nil {
		// One process shares the machine's processors: without a bound all members would hold an evaluation's working set at once.
		n.compute = make(chan struct{}, runtime.NumCPU())
	}
	c := n.members[0]
	if err := n.startMember(ctx, c); err != nil {
		return err
	}
	st, err := c.client.Status(ctx)
	if err != nil {
		return err
	}
	for _, m := range n.payers() {
		m.cfg.Address = st.Address
		if err := node.WriteConfig(m.cfg); err != nil {
			return err
		}
		if err := n.startMember(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (n *network) startMember(ctx context.Context, m *member) error {
	var err error
	if n.o.Processes {
		err = n.startProcess(ctx, m)
	} else {
		var s *node.Service
		if s, err = node.Start(ctx, m.cfg.Dir, node.Options{Compute: n.compute, Hooks: m.hooks, SumCrash: m.sums, SumCheat: m.cheat}); err == nil {
			m.stop = s.Close
		}
	}
	if err == nil {
		m.client, err = admin.Dial(m.cfg.Dir)
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", m.cfg.Name, err)
	}
	return nil
}

// startProcess runs the member as `tacet node run` or `tacet coordinator run` and waits until its local interface answers.
func (n *network) startProcess(ctx context.Context, m *member) error {
	service := "node"
	if m.cfg.Role == node.Convener {
		service = "coordinator"
	}
	out, err := os.OpenFile(filepath.Join(m.cfg.Dir, "output.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close() // the process has its own
	cmd := exec.Command(n.o.Executable, service, "run", "--dir", m.cfg.Dir)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = attributes() // dies with this process, whatever kills it; not reached by the terminal's Ctrl-C, so that stop decides
	if err := cmd.Start(); err != nil {
		return err
	}
	dead := make(chan struct{})
	var died error
	go func() { died = cmd.Wait(); close(dead) }()
	m.dead, m.signal = dead, cmd.Process.Signal
	m.stop = func() error {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-dead:
		case <-time.After(20 * time.Second):
			cmd.Process.Kill()
			<-dead
		}
		return nil
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-dead:
			return fmt.Errorf("process ended (%v); see %s", died, out.Name())
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		if c, err := admin.Dial(m.cfg.Dir); err == nil {
			_, err := c.Status(ctx)
			c.Close()
			if err == nil {
				return nil
			}
		}
	}
}

// stop ends every member that was started, payers first, and waits for all.
func (n *network) stop() error {
	errs := make([]error, len(n.members))
	var wg sync.WaitGroup
	for i, m := range n.members {
		if m.client != nil {
			m.client.Close()
		}
		if m.stop != nil {
			wg.Go(func() { errs[i] = m.stop() })
		}
	}
	wg.Wait()
	if n.relay != nil {
		n.relay.Close()
	}
	return errors.Join(errs...)
}

// peakRSS is the largest resident memory so far, of all processes of the network together.
func (n *network) peakRSS() uint64 {
	sum := node.PeakRSS()
	if !n.o.Processes {
		return sum
	}
	for _, m := range n.members {
		if m.client == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if st, err := m.client.Status(ctx); err == nil { // a member that does not answer is missing from the figure, not from the run
			sum += st.PeakRSS
		}
		cancel()
	}
	return sum
}
