package warehouse

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
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/measures/withhold/cases"
	"github.com/tacet-health/tacet/node/store"
)

// requirePostgres makes the absence of PostgreSQL's server programs a failure instead of a skip.
const requirePostgres = "TACET_REQUIRE_POSTGRES"

// server is a PostgreSQL of this test alone: a new cluster on a socket in its own folder, no network.
type server struct {
	dir string
	cmd *exec.Cmd
}

var servers []*server

func TestMain(m *testing.M) {
	code := m.Run()
	for _, s := range servers {
		s.stop()
	}
	if embedded != nil {
		embedded.Close()
		os.RemoveAll(embeddedDir)
	}
	os.Exit(code)
}

func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGQUIT) // at once: the cluster is thrown away
	s.cmd.Wait()
	os.RemoveAll(s.dir)
}

// dsn is the server's address for a role.
func (s *server) dsn(role, schema string) string {
	return fmt.Sprintf("postgres://%s@/postgres?host=%s&search_path=%s", role, s.dir, schema)
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

func startServer() (*server, error) {
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
			s := &server{dir, c}
			servers = append(servers, s)
			return s, nil
		}
	}
	return nil, fmt.Errorf("postgres ended: %w\n%s", c.Wait(), strings.Join(text, "\n"))
}

// both starts two servers, once: one is used alone too.
var both = sync.OnceValues(func() ([2]*server, error) {
	a, err := startServer()
	if err != nil {
		return [2]*server{}, err
	}
	b, err := startServer()
	return [2]*server{a, b}, err
})

func twoServers(t *testing.T) (a, b *server) {
	t.Helper()
	two, err := both()
	if err != nil {
		if os.Getenv(requirePostgres) != "" {
			t.Fatal(err)
		}
		t.Skipf("NOT TESTED ON POSTGRESQL: %v (.ci/postgres installs it; %s=1 makes this a failure)", err, requirePostgres)
	}
	return two[0], two[1]
}

// as runs statements on a server, as the owner.
func (s *server) as(t *testing.T, sql ...string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), s.dsn("owner", "public"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, q := range sql {
		if _, err := conn.PgConn().Exec(context.Background(), q).ReadAll(); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

var (
	embedded    *store.Store
	embeddedDir string
)

// duck is the embedded store with every case of every measure.
var duck = sync.OnceValues(func() (*store.Store, error) {
	var sets []*fixture.Set
	for _, id := range library.Names() {
		s, err := library.Cases(id)
		if err != nil {
			return nil, err
		}
		sets = append(sets, s)
	}
	left, err := cases.Set()
	if err != nil {
		return nil, err
	}
	sets = append(sets, left)
	if embeddedDir, err = os.MkdirTemp("", "tacet-cases"); err != nil {
		return nil, err
	}
	files := filepath.Join(embeddedDir, "files")
	if err := os.Mkdir(files, 0o700); err != nil {
		return nil, err
	}
	if err := fixture.Write(files, sets...); err != nil {
		return nil, err
	}
	if embedded, err = store.Open(context.Background(), filepath.Join(embeddedDir, "store"), store.Options{Threads: 2}); err != nil {
		return nil, err
	}
	_, err = embedded.Load(context.Background(), files)
	return embedded, err
})

// filled makes the reader's role and fills a schema with every case.
func filled(t *testing.T, s *server, schema string) {
	t.Helper()
	d, err := duck()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range store.TableNames() {
		if _, err := Fill(t.Context(), s.dsn("owner", schema), table, d.Export(t.Context(), table)); err != nil {
			t.Fatal(err)
		}
	}
	s.as(t, "GRANT USAGE ON SCHEMA "+schema+" TO tacet_reader", "GRANT SELECT ON ALL TABLES IN SCHEMA "+schema+" TO tacet_reader")
}
