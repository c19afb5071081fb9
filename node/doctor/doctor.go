package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// State is how bad a line is.
type State string

// The states.
const (
	OK   State = "ok"
	Warn State = "warn"
	Fail State = "fail"
)

// Line is one finding.
type Line struct {
	Check string `json:"check"`
	State State  `json:"state"`
	Text  string `json:"text"`
	Do    string `json:"do,omitempty"` // what to do about it
}

// report collects lines.
type report struct{ lines []Line }

func (r *report) add(check string, s State, text, do string) {
	if s == OK {
		do = ""
	}
	r.lines = append(r.lines, Line{check, s, text, do})
}

// Examine goes through everything for the member in dir.
func Examine(ctx context.Context, dir string) []Line {
	var r report
	in := node.Inspect(dir)
	r.directory(dir)
	r.configuration(in)
	r.keys(dir, in)
	r.warehouse(ctx, in)
	running := r.service(ctx, dir)
	if in.Keys != nil && in.Genesis != nil && in.Config.Role != node.Convener && in.Config.Address != "" {
		r.link(ctx, dir, in, running)
	} else if in.Config.Role == node.Convener {
		r.listening(in, running)
		r.sockets()
	}
	r.disk(dir)
	r.memory()
	r.limits()
	return r.lines
}

// Failed says whether a line is a failure.
func Failed(lines []Line) bool {
	for _, l := range lines {
		if l.State == Fail {
			return true
		}
	}
	return false
}

func (r *report) directory(dir string) {
	st, err := os.Stat(dir)
	switch {
	case err != nil:
		r.add("directory", Fail, err.Error(), "make the member with: tacet node init (or coordinator init)")
	case !st.IsDir():
		r.add("directory", Fail, dir+" is not a folder", "name the member's data directory with --dir")
	case st.Mode().Perm()&0o077 != 0:
		r.add("directory", Fail, fmt.Sprintf("%s has mode %04o: other users can reach member data and key shares", dir, st.Mode().Perm()), "chmod 700 "+dir)
	default:
		r.add("directory", OK, dir+" is its owner's alone", "")
	}
}

func (r *report) configuration(in node.Inspected) {
	if in.ConfigErr != nil {
		r.add("configuration", Fail, in.ConfigErr.Error(), "edit tacet.toml; its comments are the manual")
		return
	}
	text := fmt.Sprintf("%s, a %s", in.Config.Name, in.Config.Role)
	if in.Config.Role == node.Payer {
		text += ", policy: consent " + in.Config.Policy.Consent
	}
	r.add("configuration", OK, text, "")
	if in.Config.Role == node.Payer && in.Config.Policy.Consent == "never" {
		r.add("policy", Warn, "this node declines every run", `write consent = "standing" when it shall contribute`)
	}
}

// warehouse says whether the data can be asked where it is.
func (r *report) warehouse(ctx context.Context, in node.Inspected) {
	if in.Config.Database.DSN == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := node.Reach(ctx, in.Config); err != nil {
		r.add("warehouse", Fail, err.Error(), "correct dsn under [database] in tacet.toml, or the role and its rights in the warehouse (tacet node schema prints the tables)")
		return
	}
	r.add("warehouse", OK, "can be asked, with a role that reads and does no more", "")
}

func (r *report) keys(dir string, in node.Inspected) {
	switch {
	case in.KeysErr != nil:
		r.add("keys", Fail, in.KeysErr.Error(), "keys are made by init and never leave the machine; restore the folder from this machine's own backup")
	case in.ConfigErr == nil && in.Keys.Name() != in.Config.Name:
		r.add("keys", Fail, fmt.Sprintf("the keys are those of %s, the configuration is of %s", in.Keys.Name(), in.Config.Name), "correct name in tacet.toml")
	default:
		r.add("keys", OK, in.Keys.Public().Fingerprint(), "")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "keys", "*"))
	for _, f := range files {
		if st, err := os.Stat(f); err == nil && st.Mode().Perm()&0o077 != 0 {
			r.add("keys", Fail, fmt.Sprintf("%s has mode %04o", f, st.Mode().Perm()), "chmod 600 "+f)
		}
	}
	if in.GenesisErr != nil {
		r.add("ledger", Fail, in.GenesisErr.Error(), "ask the convener's operator for an invitation")
		return
	}
	text := in.Genesis.Ledger
	if in.Genesis.Insecure {
		r.add("ledger", Warn, text+" lets runs use toy parameters", "use it for trials only; a real ledger is made without --insecure-toy-parameters")
		return
	}
	r.add("ledger", OK, text, "")
}

// service says whether the member's service runs.
func (r *report) service(ctx context.Context, dir string) *admin.Status {
	a, err := admin.Dial(dir)
	if err == nil {
		defer a.Close()
		var st admin.Status
		if st, err = a.Status(ctx); err == nil {
			text := fmt.Sprintf("runs, process %d, version %s", st.PID, st.Version)
			switch {
			case st.Waiting != "":
				r.add("service", Warn, text+"; waits for "+st.Waiting, "see tacet node status, or coordinator status")
			default:
				r.add("service", OK, text, "")
			}
			return &st
		}
	}
	r.add("service", OK, "does not run", "")
	return nil
}
