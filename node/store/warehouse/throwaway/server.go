package throwaway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Require makes, as an environment variable, the absence of PostgreSQL's server programs a failure instead of a skip.
const Require = "TACET_REQUIRE_POSTGRES"

// Server is a running PostgreSQL.
type Server struct {
	Dir string // of its socket
	cmd *exec.Cmd
}

// Stop ends the server and removes its folder.
func (s *Server) Stop() {
	s.cmd.Process.Signal(syscall.SIGQUIT) // at once: the cluster is thrown away
	s.cmd.Wait()
	os.RemoveAll(s.Dir)
}

// DSN is the server's address for a role and a schema.
func (s *Server) DSN(role, schema string) string {
	return fmt.Sprintf("postgres://%s@/postgres?host=%s&search_path=%s", role, s.Dir, schema)
}

// Do runs statements as the owner.
func (s *Server) Do(ctx context.Context, sql ...string) error {
	conn, err := pgx.Connect(ctx, s.DSN("owner", "public"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, q := range sql {
		if _, err := conn.PgConn().Exec(ctx, q).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

// programs finds initdb and postgres: in PATH, else where Debian puts them.
func programs() (initdb, postgres string, err error) {
	folders := filepath.SplitList(os.Getenv("PATH"))
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.Sort(debian)
	slices.Reverse(debian)
	for _, dir := range slices.Concat(folders, debian) {
		initdb, postgres = filepath.Join(dir, "initdb"), filepath.Join(dir, "postgres")
		if _, err1 := exec.LookPath(initdb); err1 == nil {
			if _, err2 := exec.LookPath(postgres); err2 == nil {
				return initdb, postgres, nil
			}
		}
	}
	return "", "", errors.New("no initdb and postgres in PATH or /usr/lib/postgresql")
}

// unprivileged is what PostgreSQL runs as: it refuses root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, err1 := strconv.Atoi(u.Uid)
			gid, err2 := strconv.Atoi(u.Gid)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
		}
	}
	return nil, errors.New("running as root, and there is neither a user postgres nor nobody")
}

// Start starts a server; the error says which program is missing.
func Start() (*Server, error) {
	initdb, postgres, err := programs()
	if err != nil {
		return nil, err
	}
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tacet-postgres")
	if err != nil {
		return nil, err
	}
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			return nil, err
		}
	}
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.Dir, c.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
		return c
	}
	data := filepath.Join(dir, "data")
	// A locale that does not order by bytes, where there is one: a column without COLLATE "C" would be found out.
	if out, err := run(initdb, "-D", data, "-U", "owner", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	c := run(postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=64MB", "-c", "jit=off", "-c", "max_parallel_workers=0")
	log, err := c.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(log)
	var text []string
	for lines.Scan() {
		text = append(text, lines.Text())
		if strings.Contains(lines.Text(), "ready to accept connections") {
			go func() {
				for lines.Scan() { // a full pipe would stop the server
				}
			}()
			return &Server{dir, c}, nil
		}
	}
	return nil, fmt.Errorf("postgres ended: %w\n%s", c.Wait(), strings.Join(text, "\n"))
}
