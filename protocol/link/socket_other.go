//go:build !unix

package link

import "net"

// socketBuffers does not know on this system.
func socketBuffers(net.PacketConn) (receive, send int) { return 0, 0 }
