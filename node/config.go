package node

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node/invitation"
	"github.com/tacet-health/tacet/node/quality"
	"github.com/tacet-health/tacet/node/store/warehouse"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/link"
)

// Config is a member's tacet.toml. Unknown keys are errors; relative paths are relative to the file's folder.
type Config struct {
	Name      string `toml:"name"`
	Role      Role   `toml:"role"`
	Convener  string `toml:"convener"`  // the convener's member name; a payer's is empty until it joins
	Address   string `toml:"address"`   // payer: where the convener is reached; convener: where it listens (host:port)
	Advertise string `toml:"advertise"` // convener: the address that invitations carry; default: Address as bound

	// Transport is what the link may use: "auto" (QUIC, and TCP on the same port number where UDP is blocked), "quic" or "tcp".
	Transport string `toml:"transport"`

	// Memory bounds what the member takes, its database included; default 1.5GiB. What a run needs beyond it waits on disk.
	Memory Size `toml:"memory"`

	Policy   Policy   `toml:"policy"`   // payer
	Database Database `toml:"database"` // payer
	Withhold Withhold `toml:"withhold"`
	Witness  Witness  `toml:"witness"` // seats

	// Quality are the thresholds of this member's quality gate (package quality); what is left out has the default, 0 is no rule.
	Quality disclosure.Quality `toml:"quality"`

	// Dir is the data directory: the folder tacet.toml stands in.
	Dir string `toml:"-"`
}

// Database is where a payer's member data is: in the embedded database, within these bounds, or in a warehouse of its own.
type Database struct {
	DSN      string `toml:"dsn"`       // address of a PostgreSQL or Trino warehouse (package warehouse); empty for the embedded database
	MemoryMB int    `toml:"memory_mb"` // default 512
	Threads  int    `toml:"threads"`   // default 1
}

// transports are the values of Config.Transport; "" is auto in a Config made by a program.
var transports = []string{"", link.TransportAuto, link.TransportQUIC, link.TransportTCP}

const configFile = "tacet.toml"

// ReadConfig reads and validates DIR/tacet.toml: everything that a service needs before it may start.
func ReadConfig(dir string) (Config, error) {
	c, err := readConfig(dir)
	if err != nil {
		return c, err
	}
	if err := c.complete(); err != nil {
		return c, fmt.Errorf("%s: %w", filepath.Join(dir, configFile), err)
	}
	return c, nil
}

// readConfig reads a configuration that may still lack what comes with joining, and the policy.
func readConfig(dir string) (Config, error) {
	path := filepath.Join(dir, configFile)
	c := Config{Transport: link.TransportAuto, Database: Database{MemoryMB: 512, Threads: 1}, Quality: quality.Defaults()}
	raw, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("read configuration (--dir names a member's directory; make one with init): %w", err)
	}
	md, err := toml.Decode(string(raw), &c)
	if err != nil {
		if pe, ok := errors.AsType[toml.ParseError](err); ok {
			return c, fmt.Errorf("%s:%d: %s (texts stand in quotes, lists in brackets; a name is there once)", path, pe.Position.Line, pe.Message)
		}
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if un := md.Undecoded(); len(un) > 0 {
		return c, fmt.Errorf("%s:%d: unknown key %s: remove it or correct its spelling", path, lineOf(string(raw), un[0]), un[0])
	}
	c.Dir = dir
	if err := c.validate(); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// lineOf finds the line of a key that the decoder did not know: the first of its last part in its table, or of the table itself.
func lineOf(text string, key toml.Key) int {
	table, name := strings.Join(key[:len(key)-1], "."), key[len(key)-1]
	at, found := "", 1
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if header, ok := strings.CutPrefix(line, "["); ok {
			at, _, _ = strings.Cut(strings.Trim(header, "[ "), "]")
			at = strings.TrimSpace(at)
			if at == key.String() {
				return i + 1
			}
			continue
		}
		if k, _, ok := strings.Cut(line, "="); ok && at == table && strings.Trim(strings.TrimSpace(k), `"'`) == name {
			found = i + 1
			break
		}
	}
	return found
}

// validate checks what is there; complete also what a service cannot start without.
func (c Config) validate() error {
	switch {
	case c.Name == "":
		return errors.New(`name is missing: the member's name as the ledger knows it`)
	case strings.HasPrefix(c.Name, invitation.Prefix):
		return fmt.Errorf("name is %q: names that begin with %q are those of invitations", c.Name, invitation.Prefix)
	case c.Role.validate() != nil:
		return c.Role.validate()
	case c.Role == Convener && c.Convener != c.Name:
		return fmt.Errorf("convener is %q, but this member (%q) has the role convener", c.Convener, c.Name)
	case !slices.Contains(transports, c.Transport):
		return fmt.Errorf(`transport is %q: must be "auto", "quic" or "tcp"`, c.Transport)
	case c.Role.dials() && c.Convener == c.Name:
		return fmt.Errorf("convener is %q: a %s is not its own convener", c.Convener, c.Role)
	case c.Role.dials() && c.Advertise != "":
		return fmt.Errorf("advertise is the convener's: remove it; nobody connects to a %s", c.Role)
	case c.Database.DSN != "" && c.Role != Payer:
		return fmt.Errorf("database.dsn is a payer's: remove it; a %s holds no member data", c.Role)
	case c.Role.Seat() && c.Policy.given():
		return fmt.Errorf("[policy] is a payer's: remove it; a %s contributes to no run", c.Role)
	case !c.Role.Seat() && c.Witness != (Witness{}):
		return fmt.Errorf("[witness] is a seat's: remove it; a %s cosigns every checkpoint as it is", c.Role)
	case c.Witness.Every > maxWitnessEvery:
		return fmt.Errorf("witness.every is %d: at most %d entries", c.Witness.Every, maxWitnessEvery)
	case c.Database.DSN != "" && warehouse.Check(c.Database.DSN) != nil:
		return fmt.Errorf("database.dsn %w", warehouse.Check(c.Database.DSN))
	case c.Database.MemoryMB < 64:
		return fmt.Errorf("database.memory_mb is %d: at least 64", c.Database.MemoryMB)
	case c.runMemory() < leastRun:
		return fmt.Errorf("memory is %s: a run needs at least %d MiB beside the database's %d MiB", c.Memory, leastRun>>20, c.Database.MemoryMB)
	case c.Database.Threads < 1:
		return fmt.Errorf("database.threads is %d: at least 1", c.Database.Threads)
	}
	if err := c.Quality.Validate(); err != nil {
		return fmt.Errorf("quality.%w", err)
	}
	for _, a := range []struct{ key, value string }{{"address", c.Address}, {"advertise", c.Advertise}} {
		if a.value == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(a.value); err != nil {
			return fmt.Errorf("%s is %q: want host:port", a.key, a.value)
		}
	}
	if c.Role == Convener && (len(c.Withhold.SelfFunded) > 0 || c.Withhold.Programmes != "") {
		return errors.New("withhold.self_funded and withhold.programmes are a payer's: remove them; a convener holds no member data")
	}
	return errors.Join(c.Policy.validate(), c.Withhold.validate())
}

func (c Config) complete() error {
	switch {
	case c.Role.dials() && (c.Convener == "" || c.Address == ""):
		return fmt.Errorf("convener and address are missing: this node has not joined; run: tacet node join INVITATION --dir %s", c.Dir)
	case c.Address == "":
		return errors.New("address is missing: host:port on which payers reach the convener")
	case c.Role == Payer:
		return c.Policy.complete()
	}
	return nil
}

// WriteConfig replaces DIR/tacet.toml; a running service reads it at its next start.
func WriteConfig(c Config) error {
	if err := c.validate(); err != nil {
		return fmt.Errorf("configuration of %s: %w", c.Name, err)
	}
	return vault.Write(filepath.Join(c.Dir, configFile), []byte(c.text()))
}

// setKeys replaces top-level string keys of a configuration and leaves the rest, comments and all, as its operator wrote it.
func setKeys(text string, values [][2]string) string {
	lines := strings.Split(text, "\n")
	for _, kv := range values {
		set := fmt.Sprintf("%s = %q", kv[0], kv[1])
		done := false
		for i, line := range lines {
			if strings.HasPrefix(strings.TrimSpace(line), "[") {
				break
			}
			if k, _, ok := strings.Cut(line, "="); ok && strings.TrimSpace(k) == kv[0] {
				lines[i], done = set, true
				break
			}
		}
		if !done {
			lines = append([]string{set}, lines...)
		}
	}
	return strings.Join(lines, "\n")
}
