package replica

import (
	"bytes"
	"context"
	"log/slog"

	"github.com/hashicorp/go-hclog"
)

// raftLogger sends raft's own lines to log at level debug: what an operator needs to know is said by this package.
func raftLogger(log *slog.Logger) hclog.Logger {
	if !log.Enabled(context.Background(), slog.LevelDebug) {
		return hclog.NewNullLogger()
	}
	return hclog.New(&hclog.LoggerOptions{Name: "raft", Level: hclog.Info, Output: lines{log}, DisableTime: true})
}

type lines struct{ log *slog.Logger }

// Write implements io.Writer; hclog writes one line at a time.
func (l lines) Write(b []byte) (int, error) {
	l.log.Debug(string(bytes.TrimSpace(b)))
	return len(b), nil
}
