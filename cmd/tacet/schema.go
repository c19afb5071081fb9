package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/store/warehouse"
)

// schemaCommand is `tacet node schema`.
func schemaCommand() *cobra.Command {
	var dialect, schema string
	c := &cobra.Command{
		Use: "schema", Short: "Print the tables of a payer's own warehouse as DDL", Args: noArgs,
		Long: `Print the canonical tables as DDL for the warehouse a payer has: postgres, citus (with the distribution: everything by person_id) or trino. A node reads them
there when tacet.toml says dsn in [database]; tables may be views over the warehouse's own, with these names and types.`,
		RunE: func(c *cobra.Command, _ []string) error {
			ddl, err := warehouse.Schema(warehouse.Kind(dialect), schema)
			if err != nil {
				return usageError{c, err}
			}
			_, err = fmt.Fprint(c.OutOrStdout(), ddl)
			return err
		},
	}
	c.Flags().StringVar(&dialect, "dialect", string(warehouse.PostgreSQL), "postgres, citus or trino")
	c.Flags().StringVar(&schema, "schema", warehouse.DefaultSchema, "schema that holds the tables")
	return c
}

// withheldCommand is `tacet node withheld`.
func withheldCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "withheld", Short: "Print the list of records that no measure sees, and its hash", Args: noArgs,
		Long: `Print the list of codes by which every node withholds records of substance use disorder treatment (42 CFR Part 2) from every measure. Its hash stands in the
manifest of every run, so that all payers of a run withhold by the same list; tacet node status shows what a node withholds.`,
		RunE: func(c *cobra.Command, _ []string) error {
			text, hash := node.Withheld()
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(map[string]string{"list": text, "sha256": hash})
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "%s\nsha256 %s\n", text, hash)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
