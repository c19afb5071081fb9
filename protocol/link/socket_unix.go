//go:build unix

package link

import (
	"net"
	"syscall"
)

// socketBuffers asks the system for the size of a socket's buffers.
func socketBuffers(pc net.PacketConn) (receive, send int) {
	c, ok := pc.(syscall.Conn)
	if !ok {
		return 0, 0
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, 0
	}
	raw.Control(func(fd uintptr) {
		// An error leaves 0, unknown.
		receive, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF)
		send, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF)
	})
	return receive, send
}
