package warehouse

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/measures/withhold/cases"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/node/store/warehouse/throwaway"
)

// server is a PostgreSQL of this test alone.
type server struct{ *throwaway.Server }

var servers []*server

func TestMain(m *testing.M) {
	code := m.Run()
	for _, s := range servers {
		s.Stop()
	}
	if embedded != nil {
		embedded.Close()
		os.RemoveAll(embeddedDir)
	}
	os.Exit(code)
}

// dsn is the server's address for a role.
func (s *server) dsn(role, schema string) string { return s.DSN(role, schema) }

func startServer() (*server, error) {
	t, err := throwaway.Start()
	if err != nil {
		return nil, err
	}
	s := &server{t}
	servers = append(servers, s)
	return s, nil
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
		if os.Getenv(throwaway.Require) != "" {
			t.Fatal(err)
		}
		t.Skipf("NOT TESTED ON POSTGRESQL: %v (.ci/postgres installs it; %s=1 makes this a failure)", err, throwaway.Require)
	}
	return two[0], two[1]
}

// as runs statements on a server, as the owner.
func (s *server) as(t *testing.T, sql ...string) {
	t.Helper()
	if err := s.Do(t.Context(), sql...); err != nil {
		t.Fatal(err)
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
	strata, err := strataSet()
	if err != nil {
		return nil, err
	}
	sets = append(sets, left, strata)
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
