package store

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"
)

// rejectedDDL makes the table of rejects. It is outside of the canonical
// tables, so no measure can read it. It holds where and why, never a value.
const rejectedDDL = "CREATE TABLE IF NOT EXISTS node.rejected (rejected_at TIMESTAMP NOT NULL, file VARCHAR NOT NULL, line BIGINT NOT NULL, line_column BIGINT NOT NULL, name VARCHAR NOT NULL, reason VARCHAR NOT NULL)"

// Reject keeps problems of a refused file in the table of rejects.
func (s *Store) Reject(ctx context.Context, at time.Time, problems []Problem) error {
	s.load.Lock()
	defer s.load.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("keep rejects: %w", err)
	}
	defer tx.Rollback()
	for _, p := range problems {
		if _, err := tx.ExecContext(ctx, "INSERT INTO node.rejected VALUES (?, ?, ?, ?, ?, ?)", at.UTC(), p.File, p.Line, p.Column, p.Name, p.Reason); err != nil {
			return fmt.Errorf("keep rejects: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("keep rejects: %w", err)
	}
	return nil
}

// Rejects writes the table of rejects as CSV: file, line, column, name, reason.
func (s *Store) Rejects(ctx context.Context, w io.Writer) error {
	rows, err := s.db.QueryContext(ctx, "SELECT file, line, line_column, name, reason FROM node.rejected ORDER BY rejected_at, rowid")
	if err != nil {
		return fmt.Errorf("read rejects: %w", err)
	}
	defer rows.Close()
	out := csv.NewWriter(w)
	record := []string{"file", "line", "column", "name", "reason"}
	for {
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write rejects: %w", err)
		}
		if !rows.Next() {
			break
		}
		var file, name, reason string
		var line, column int64
		if err := rows.Scan(&file, &line, &column, &name, &reason); err != nil {
			return fmt.Errorf("read rejects: %w", err)
		}
		record = []string{file, strconv.FormatInt(line, 10), strconv.FormatInt(column, 10), name, reason}
	}
	out.Flush()
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read rejects: %w", err)
	}
	return out.Error()
}
