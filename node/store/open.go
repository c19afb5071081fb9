package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // registers the driver

	"github.com/tacet-health/tacet/measures/withhold"
)

// FileName is the database file inside the store's folder.
const FileName = "members.duckdb"

// Options bound what a store may use. The zero value works.
type Options struct {
	MemoryMB       int             // default 1024; queries beyond it spill to disk
	Threads        int             // default 2
	SpillMB        int             // default 8192; most disk a spilling query may use
	MeasureTimeout time.Duration   // default 10 minutes per measure
	Withhold       withhold.Policy // what no measure may see; the zero value withholds all there is to withhold

	// Sources are Parquet files, and folders of them, that Load may read: the database reads them itself. A store that is opened with
	// sources loads and counts; it runs no measure.
	Sources []string
	// Progress, where it is set, is told how far a load is, many times a second, on the goroutine of the load.
	Progress func(Progress)
}

// Progress says how far a load is.
type Progress struct {
	File       string // as given; empty where several are read together
	Rows       int64  // so far, of this file
	Read, Size int64  // bytes of the file; 0 where unknown
}

// Store is one member's data. It is safe for concurrent use; loads run one
// after the other.
type Store struct {
	db       *sql.DB
	timeout  time.Duration
	withhold withhold.Policy

	sources  []string       // absolute
	progress func(Progress) // never nil

	load   sync.RWMutex   // held for the length of a load: one writer; by a measure for reading
	found  bool           // withheld_claim holds what the data and the list in force say; under load
	kept   [mostKept]kept // results that measures have in common; valid while found; under load
	oldest int            // the place that the next one takes
}

// Open opens the store in folder dir, making folder (mode 0700) and tables when
// they are not there. A folder serves one process at a time. After Open no
// statement on this store can read or write a file of its own choosing, install
// an extension or change a setting (see the package comment).
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	s, err := open(ctx, dir, o)
	if err != nil {
		return nil, fmt.Errorf("open store in %s: %w", dir, err)
	}
	return s, nil
}

func open(ctx context.Context, dir string, o Options) (*Store, error) {
	if o.MemoryMB == 0 {
		o.MemoryMB = 1024
	}
	if o.Threads == 0 {
		o.Threads = 2
	}
	if o.SpillMB == 0 {
		o.SpillMB = 8192
	}
	if o.MeasureTimeout == 0 {
		o.MeasureTimeout = 10 * time.Minute
	}
	if o.MemoryMB < 64 || o.Threads < 1 || o.SpillMB < 1 || o.MeasureTimeout < 0 {
		return nil, errors.New("options: want at least 64 MB of memory, one thread, 1 MB of spill and a timeout above 0")
	}
	if err := o.Withhold.Validate(); err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(abs, "?\x00") {
		return nil, errors.New("the path must not contain a question mark")
	}
	path := filepath.Join(abs, FileName)
	files, folders, err := absolute(o.Sources)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, timeout: o.MeasureTimeout, withhold: o.Withhold, progress: o.Progress, sources: slices.Concat(files, folders)}
	if s.progress == nil {
		s.progress = func(Progress) {}
	}
	if err := s.prepare(ctx, filepath.Join(abs, "spill"), o, files, folders); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	// The driver makes the file under the process's umask; member data is the owner's alone.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// prepare makes the tables, then closes the sandbox around the whole database:
// the settings are global to it, so no connection is ever outside.
func (s *Store) prepare(ctx context.Context, spill string, o Options, files, folders []string) error {
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("%w (is another process using it?)", err)
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	for _, set := range []string{
		fmt.Sprintf("SET memory_limit = '%dMB'", o.MemoryMB),
		fmt.Sprintf("SET threads = %d", o.Threads),
		"SET temp_directory = " + quote(spill),
		fmt.Sprintf("SET max_temp_directory_size = '%dMB'", o.SpillMB),
		"SET allow_community_extensions = false",
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allowed_directories = " + quoteAll(folders),
		"SET allowed_paths = " + quoteAll(files),
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if _, err := s.db.ExecContext(ctx, set); err != nil {
			return fmt.Errorf("%s: %w", set, err)
		}
	}
	return nil
}

// migrate creates the schema in a new file, in one transaction: a crash leaves
// an empty file, which the next Open takes as new.
func (s *Store) migrate(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var known int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM information_schema.tables").Scan(&known); err != nil {
		return err
	}
	if known > 0 {
		var version int
		if err := tx.QueryRowContext(ctx, "SELECT version FROM node.schema").Scan(&version); err != nil {
			return fmt.Errorf("%s is no tacet store: %w", FileName, err)
		}
		if version == SchemaVersion {
			return nil
		}
		if err := upgrade(ctx, tx, version); err != nil {
			return err
		}
		return tx.Commit()
	}
	ddl := []string{
		"CREATE SCHEMA node",
		"CREATE TABLE node.schema (version INTEGER NOT NULL)",
		fmt.Sprintf("INSERT INTO node.schema VALUES (%d)", SchemaVersion),
		"CREATE TABLE node.loaded (table_name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, source VARCHAR NOT NULL, row_count BIGINT NOT NULL, PRIMARY KEY (table_name, sha256))",
		rejectedDDL,
	}
	for _, t := range tables {
		ddl = append(ddl, t.create())
	}
	for _, q := range ddl {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("make the schema: %w", err)
		}
	}
	return tx.Commit()
}

// Close closes the database. Running queries are ended first.
func (s *Store) Close() error { return s.db.Close() }

// Count returns the number of rows of a canonical table.
func (s *Store) Count(ctx context.Context, table string) (int64, error) {
	t, ok := Lookup(table)
	if !ok {
		return 0, fmt.Errorf("%.70q is not a canonical table", table)
	}
	var n int64
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM main."+t.Name).Scan(&n); err != nil {
		return 0, fmt.Errorf("count %s: %w", t.Name, err)
	}
	return n, nil
}

// absolute divides sources into files and folders. What is not there is left to Load to refuse.
func absolute(sources []string) (files, folders []string, err error) {
	for _, p := range sources {
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, nil, err
		}
		switch info, err := os.Stat(abs); {
		case err != nil:
		case info.IsDir():
			folders = append(folders, abs)
		default:
			files = append(files, abs)
		}
	}
	return files, folders, nil
}

// readable says whether a file is one of the sources, or in one of them.
func (s *Store) readable(path string) bool {
	return slices.ContainsFunc(s.sources, func(p string) bool {
		return p == path || strings.HasPrefix(path, strings.TrimSuffix(p, string(filepath.Separator))+string(filepath.Separator))
	})
}

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
