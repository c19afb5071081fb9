package testnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// evidenceName is the convener's evidence bundle in the output folder.
const evidenceName = "evidence.zip"

// evidence asks the convener for its evidence bundle, as an operator would, and puts it into the output folder.
func (n *network) evidence(ctx context.Context, p *progress) error {
	end := p.step("evidence")
	f, err := os.OpenFile(filepath.Join(n.o.Out, evidenceName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write evidence: %w", err)
	}
	if err := errors.Join(n.members[0].client.Evidence(ctx, f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	end("%s: the log, its certificate and table, verified from the genesis on (tacet-audit verify)", evidenceName)
	return nil
}
