package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/vault"
)

const (
	keysFolder  = "keys"
	genesisFile = "genesis.json"
	sealingFile = "sealing.age" // in keysFolder
)

// Init makes a member's data directory: its keys, which never leave it, and its configuration. It returns the public keys that the
// ledger's genesis names. A directory that has keys already is refused.
func Init(c Config) (identity.Public, error) { return initialise(c, nil) }

// Found is Init of a convener with a new ledger of its own, which all payers join by invitation. insecure lets the ledger's runs use toy
// parameters, for ever: such a ledger is for trying things out.
func Found(c Config, ledger string, insecure bool) (identity.Public, error) {
	return initialise(c, func(me identity.Public) ([]byte, error) {
		return rules.Genesis{Format: 1, Ledger: ledger, Convener: me, Insecure: insecure}.Canonical()
	})
}

// initialise writes the configuration last: a crash before that leaves a directory that says so and holds nothing of value.
func initialise(c Config, genesis func(identity.Public) ([]byte, error)) (identity.Public, error) {
	if err := c.validate(); err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	d, err := vault.Open(c.Dir)
	if err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	defer d.Close()
	if _, err := os.Stat(d.Path(keysFolder)); !errors.Is(err, os.ErrNotExist) {
		return identity.Public{}, fmt.Errorf("init %s: %s exists already; a member's keys are made once; take another --dir for another member", c.Name, d.Path(keysFolder))
	}
	keys, err := identity.Generate(c.Name)
	if err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	var first []byte
	if genesis != nil {
		if first, err = genesis(keys.Public()); err != nil {
			return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
		}
	}
	if err := keys.Save(d.Path(keysFolder)); err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	if first != nil {
		if err := d.Write(genesisFile, first); err != nil {
			return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
		}
	}
	if err := d.Write(configFile, []byte(c.text())); err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	return keys.Public(), nil
}

// Fingerprint is that of the keys in a member's directory, running or not.
func Fingerprint(dir string) (string, error) {
	keys, err := identity.Load(filepath.Join(dir, keysFolder))
	if err != nil {
		return "", err
	}
	return keys.Public().Fingerprint(), nil
}

// SetGenesis puts the ledger's genesis into a member's directory. The member checks that it is named in it with its own keys
// before it starts.
func SetGenesis(dir string, g rules.Genesis) error {
	b, err := g.Canonical()
	if err != nil {
		return fmt.Errorf("set genesis of %s: %w", dir, err)
	}
	return vault.Write(filepath.Join(dir, genesisFile), b)
}

// readGenesis reads the ledger's genesis and checks that it does not contradict this member's keys and role. A payer that joined by
// invitation is not in it; the log names it later.
func readGenesis(d *vault.Dir, c Config, me identity.Public) (rules.Genesis, error) {
	b, err := os.ReadFile(d.Path(genesisFile))
	if err != nil {
		if errors.Is(err, os.ErrNotExist) && c.Role.dials() {
			return rules.Genesis{}, fmt.Errorf("this node has not joined a ledger; run: tacet node join INVITATION --dir %s", c.Dir)
		}
		return rules.Genesis{}, fmt.Errorf("read genesis: %w", err)
	}
	g, err := rules.ParseGenesis(b)
	if err != nil {
		return g, fmt.Errorf("%s: %w", d.Path(genesisFile), err)
	}
	if g.Convener.Name != c.Convener {
		return g, fmt.Errorf("%s: the ledger's convener is %s, the configuration says %s", d.Path(genesisFile), g.Convener.Name, c.Convener)
	}
	if c.Role.dials() && g.Convener.Name == c.Name {
		return g, fmt.Errorf("%s is the ledger's convener, not a %s", c.Name, c.Role)
	}
	candidates := g.Members
	if c.Role == Convener {
		candidates = []identity.Public{g.Convener}
	}
	for _, p := range candidates {
		if p.Name == c.Name {
			if p.Fingerprint() != me.Fingerprint() && !wasRotated(d) {
				return g, fmt.Errorf("%s names %s with other keys than those in %s", d.Path(genesisFile), c.Name, d.Path(keysFolder))
			}
			return g, nil
		}
	}
	if c.Role == Convener {
		return g, fmt.Errorf("%s does not name %s as the convener", d.Path(genesisFile), c.Name)
	}
	return g, nil
}
