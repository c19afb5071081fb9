// Package doctor goes through what a member's service needs of the machine it is on, and says in a line each what is wrong and what to do: its
// directory, keys and configuration, the way to the convener, clocks and versions, disk, memory and limits. It changes nothing, makes a handshake
// beside a running service without disturbing it, and reads no member data.
//
// A line is ok; warn: the service runs, and this will cost time, safety margin or an outage; or fail: it will not work.
package doctor
