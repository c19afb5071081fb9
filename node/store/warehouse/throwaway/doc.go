// Package throwaway starts a PostgreSQL for a test: a new cluster on a socket in a folder of its own, without a network, that is gone with the test. Its owner is
// the role "owner"; everybody on this machine who reaches the socket is trusted.
package throwaway
