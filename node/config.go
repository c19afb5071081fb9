package node

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/link"
)

// Role is what a member does in the network.
type Role string

const (
	Payer    Role = "payer"    // holds member data and a key share
	Convener Role = "convener" // relay, board and evaluator; holds neither
)

// Config is a member's tacet.toml. Unknown keys are errors; relative paths are relative to the file's folder.
type Config struct {
	Name     string `toml:"name"`
	Role     Role   `toml:"role"`
	Convener string `toml:"convener"` // the convener's member name
	Address  string `toml:"address"`  // payer: where the convener is reached; convener: where it listens (host:port)

	// Transport is what the link may use: "auto" (QUIC, and TCP on the same port number where UDP is blocked), "quic" or "tcp".
	Transport string `toml:"transport"`

	Policy   Policy   `toml:"policy"`
	Database Database `toml:"database"`

	// Dir is the data directory: the folder tacet.toml stands in.
	Dir string `toml:"-"`
}

// Policy is what the operator lets the node do without asking. There is no default: a node without a policy does not start.
type Policy struct {
	// Consent says who agrees to contribute to an authorised run: "standing" – the node itself, for runs of measures this
	// member voted for and profiles in force; "never" – nobody, every run is declined.
	Consent string `toml:"consent"`
}

// Database bounds the embedded database of a payer.
type Database struct {
	MemoryMB int `toml:"memory_mb"` // default 512
	Threads  int `toml:"threads"`   // default 1
}

// transports are the values of Config.Transport; "" is auto in a Config made by a program.
var transports = []string{"", link.TransportAuto, link.TransportQUIC, link.TransportTCP}

const configFile = "tacet.toml"

// ReadConfig reads and validates DIR/tacet.toml.
func ReadConfig(dir string) (Config, error) {
	path := filepath.Join(dir, configFile)
	c := Config{Transport: link.TransportAuto, Database: Database{MemoryMB: 512, Threads: 1}}
	raw, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("read configuration: %w", err)
	}
	md, err := toml.Decode(string(raw), &c)
	if err != nil {
		if pe, ok := errors.AsType[toml.ParseError](err); ok {
			return c, fmt.Errorf("%s:%d: %s", path, pe.Position.Line, pe.Message)
		}
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if un := md.Undecoded(); len(un) > 0 {
		var keys []string
		for _, k := range un {
			keys = append(keys, k.String())
		}
		return c, fmt.Errorf("%s: unknown key %s: remove it or correct its spelling", path, strings.Join(keys, ", "))
	}
	c.Dir = dir
	if err := c.validate(); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func (c Config) validate() error {
	switch {
	case c.Name == "":
		return errors.New(`name is missing: the member's name as the ledger knows it`)
	case c.Role != Payer && c.Role != Convener:
		return fmt.Errorf("role is %q: must be %q or %q", c.Role, Payer, Convener)
	case c.Convener == "":
		return errors.New("convener is missing: the convener's member name")
	case c.Role == Convener && c.Convener != c.Name:
		return fmt.Errorf("convener is %q, but this member (%q) has the role convener", c.Convener, c.Name)
	case c.Address == "":
		return errors.New("address is missing: host:port of the convener")
	case !slices.Contains(transports, c.Transport):
		return fmt.Errorf(`transport is %q: must be "auto", "quic" or "tcp"`, c.Transport)
	case c.Role == Payer && c.Policy.Consent == "":
		return errors.New(`policy.consent is missing: write "standing" or "never"; a node without a policy does not start`)
	case c.Role == Payer && c.Policy.Consent != "standing" && c.Policy.Consent != "never":
		return fmt.Errorf(`policy.consent is %q: must be "standing" or "never"`, c.Policy.Consent)
	case c.Database.MemoryMB < 64:
		return fmt.Errorf("database.memory_mb is %d: at least 64", c.Database.MemoryMB)
	case c.Database.Threads < 1:
		return fmt.Errorf("database.threads is %d: at least 1", c.Database.Threads)
	}
	return nil
}

// text is the file's content; its comments are the manual.
func (c Config) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# tacet.toml: the configuration of one member. Unknown keys are errors.

name = %q          # this member's name in the ledger
role = %q          # payer | convener
convener = %q      # the convener's name in the ledger
address = %q       # payer: where the convener is reached; convener: where it listens
`, c.Name, c.Role, c.Convener, c.Address)
	fmt.Fprintf(&b, `
# auto: QUIC over UDP, and TLS over TCP on the same port number where UDP is blocked; through the proxy that HTTPS_PROXY and
# NO_PROXY name. quic, tcp: that one only.
transport = %q
`, cmp.Or(c.Transport, link.TransportAuto))
	if c.Role == Payer {
		fmt.Fprintf(&b, `
[policy]
# What the node may do without asking. "standing": contribute to every authorised run of measures this member
# voted for. "never": decline every run.
consent = %q

[database]
memory_mb = %d     # bound of the embedded database
threads = %d
`, c.Policy.Consent, c.Database.MemoryMB, c.Database.Threads)
	}
	return b.String()
}

// WriteConfig replaces DIR/tacet.toml; a running service reads it at its next start.
func WriteConfig(c Config) error {
	if err := c.validate(); err != nil {
		return fmt.Errorf("configuration of %s: %w", c.Name, err)
	}
	return vault.Write(filepath.Join(c.Dir, configFile), []byte(c.text()))
}
