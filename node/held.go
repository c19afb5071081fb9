package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/protocol/run"
)

// held says that a run is certified in the log, and that some participants have not cosigned a checkpoint over its certificate: nothing is released before
// they have (package doc, action gate).
type held struct {
	index   uint64 // of the certificate in the log
	missing []string
	err     error
}

func (h *held) Error() string {
	return fmt.Sprintf("certified by entry %d; released when %s has cosigned the log up to there: %v", h.index, strings.Join(h.missing, ", "), h.err)
}

func (h *held) Unwrap() error { return h.err }

// cosigning is how long the participants' cosignatures under a certificate are waited for before the member tells that the release is held: the manifest's
// deadline for certifying.
func cosigning(r rules.Run) time.Duration {
	return max(time.Duration(r.Body.Deadlines.Certify)*time.Second, time.Minute)
}

// holdBack tells how a run ended whose release must wait, and goes on waiting beside whatever the log does next. A participant that never comes back holds the
// table for ever, and nothing else: it is a record of nobody, and the next run begins. A crash here loses nothing: the next start finds the certificate in
// the log and waits again.
func (s *Service) holdBack(ctx context.Context, out *run.Outcome, result admin.Run, why *held) {
	s.log.Warn("run certified; its release is held", "run", out.Run, "entry", why.index, "waits_for", why.missing)
	early := admin.Run{Run: out.Run, State: result.State, Reason: why.Error()}
	s.results.tell(early)
	s.wg.Go(func() {
		for ctx.Err() == nil {
			c, err := s.certify(ctx, out)
			if _, still := errors.AsType[*held](err); still {
				continue
			}
			if err != nil {
				if ctx.Err() == nil {
					s.log.Error("the release stays held", "run", out.Run, "error", err)
				}
				return
			}
			result.Certificate = c
			s.record(ctx, result)
			return
		}
	})
}
