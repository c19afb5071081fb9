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
func Init(c Config) (identity.Public, error) {
	if err := c.validate(); err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	d, err := vault.Open(c.Dir)
	if err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	defer d.Close()
	if _, err := os.Stat(d.Path(keysFolder)); !errors.Is(err, os.ErrNotExist) {
		return identity.Public{}, fmt.Errorf("init %s: %s exists already; a member's keys are made once", c.Name, d.Path(keysFolder))
	}
	keys, err := identity.Generate(c.Name)
	if err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	if err := keys.Save(d.Path(keysFolder)); err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	if err := d.Write(configFile, []byte(c.text())); err != nil {
		return identity.Public{}, fmt.Errorf("init %s: %w", c.Name, err)
	}
	return keys.Public(), nil
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

// readGenesis reads the ledger's genesis and checks that this member is in it, with these keys and in this role.
func readGenesis(d *vault.Dir, c Config, me identity.Public) (rules.Genesis, error) {
	b, err := os.ReadFile(d.Path(genesisFile))
	if err != nil {
		return rules.Genesis{}, fmt.Errorf("read genesis: %w", err)
	}
	g, err := rules.ParseGenesis(b)
	if err != nil {
		return g, fmt.Errorf("%s: %w", d.Path(genesisFile), err)
	}
	if g.Convener.Name != c.Convener {
		return g, fmt.Errorf("%s: the ledger's convener is %s, the configuration says %s", d.Path(genesisFile), g.Convener.Name, c.Convener)
	}
	candidates := g.Members
	if c.Role == Convener {
		candidates = []identity.Public{g.Convener}
	}
	for _, p := range candidates {
		if p.Name == c.Name {
			if p.Fingerprint() != me.Fingerprint() {
				return g, fmt.Errorf("%s names %s with other keys than those in %s", d.Path(genesisFile), c.Name, d.Path(keysFolder))
			}
			return g, nil
		}
	}
	return g, fmt.Errorf("%s does not name %s as a founding %s", d.Path(genesisFile), c.Name, c.Role)
}
