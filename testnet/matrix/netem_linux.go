package matrix

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

const namespaced = "TACET_MATRIX_NETWORK"

// inNamespace runs this very command again in a network namespace of its own with delay and loss on its loopback; there it sets that up and
// says false. All members are children of that process and share its network. An error says that there can be none.
func inNamespace(ctx context.Context, o Options) (done bool, err error) {
	if os.Getenv(namespaced) != "" {
		for _, args := range [][]string{
			{"ip", "link", "set", "lo", "up"},
			append([]string{"tc", "qdisc", "add", "dev", "lo", "root", "netem"}, strings.Fields(o.Netem)...),
		} {
			if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
				return false, fmt.Errorf("set up delay and loss: %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
			}
		}
		return false, nil
	}
	cmd := exec.CommandContext(ctx, o.Executable, os.Args[1:]...)
	cmd.Env = append(os.Environ(), namespaced+"=1")
	cmd.Stdout, cmd.Stderr = o.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("a network namespace (needs root): %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return true, fmt.Errorf("in a network namespace: %w", err)
	}
	return true, nil
}
