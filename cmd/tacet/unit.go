package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"
)

// unit is a service for systemd: unprivileged, with its own directory and nothing else to write to. MemorySwapMax and LimitCORE keep key shares off
// the disk.
const unit = `[Unit]
Description=tacet %[1]s
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=%[2]s %[1]s run --dir %[3]s
User=tacet
Restart=on-failure
RestartSec=5
TimeoutStopSec=30
UMask=0077
LimitNOFILE=65536
LimitCORE=0
MemorySwapMax=0
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ReadWritePaths=%[3]s
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged

[Install]
WantedBy=multi-user.target
`

func unitCommand(dir *string, service string) *cobra.Command {
	var binary string
	c := &cobra.Command{
		Use: "unit", Short: "Print a systemd unit for this service", Args: noArgs,
		Long: `Print a hardened systemd unit that runs this service as the user tacet on its data directory. Make the user, give it the directory, write the unit to
/etc/systemd/system, and enable it.`,
		RunE: func(c *cobra.Command, _ []string) error {
			abs, err := filepath.Abs(*dir)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), unit, service, binary, abs)
			return err
		},
	}
	c.Flags().StringVar(&binary, "binary", "/usr/bin/tacet", "where the program is installed")
	return c
}
