package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Scratch opens an empty database in memory, apart from every store and outside of the sandbox, for the tools of a test network that make data or time the
// engine by itself. It reads and writes whatever its statements name: only statements of ours may run in it, and no node calls it. It has one connection;
// what does not fit into memoryMB spills into the folder spill.
func Scratch(ctx context.Context, memoryMB, threads int, spill string) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("open a scratch database: %w", err)
	}
	db.SetMaxOpenConns(1)
	for _, q := range []string{
		fmt.Sprintf("SET memory_limit = '%dMB'", memoryMB), fmt.Sprintf("SET threads = %d", threads), "SET temp_directory = " + quote(spill),
		"SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false",
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(fmt.Errorf("open a scratch database: %w", err), db.Close())
		}
	}
	return db, nil
}
