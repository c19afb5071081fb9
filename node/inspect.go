package node

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
)

// Inspected is a member's directory as it lies there, whether its service runs or not. What could not be read is nil, with the reason beside it.
type Inspected struct {
	Config     Config
	ConfigErr  error // ReadConfig: also what keeps the service from starting
	Keys       *identity.Keys
	KeysErr    error
	Genesis    *rules.Genesis
	GenesisErr error
}

// Inspect reads a member's directory without locking it.
func Inspect(dir string) Inspected {
	var i Inspected
	if i.Config, i.ConfigErr = readConfig(dir); i.ConfigErr == nil {
		if err := i.Config.complete(); err != nil {
			i.ConfigErr = fmt.Errorf("%s: %w", filepath.Join(dir, configFile), err)
		}
	}
	i.Keys, i.KeysErr = identity.Load(filepath.Join(dir, keysFolder))
	b, err := os.ReadFile(filepath.Join(dir, genesisFile))
	if errors.Is(err, os.ErrNotExist) {
		i.GenesisErr = fmt.Errorf("this member has not joined a ledger; run: tacet node join INVITATION --dir %s", dir)
		return i
	}
	if err == nil {
		var g rules.Genesis
		if g, err = rules.ParseGenesis(b); err == nil {
			i.Genesis = &g
		}
	}
	i.GenesisErr = err
	return i
}
