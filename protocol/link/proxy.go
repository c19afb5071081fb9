package link

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxProxyAnswer bounds what a proxy may say before the tunnel begins.
const maxProxyAnswer = 16 << 10

// throughProxy asks an HTTP proxy for a tunnel to addr (RFC 9110, 9.3.6). The
// proxy learns the convener's address and sees TLS records; the session's keys
// are pinned, so it cannot be in the middle.
func throughProxy(ctx context.Context, c net.Conn, proxy *url.URL, addr string) (net.Conn, error) {
	defer context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })()
	switch proxy.Scheme {
	case "http":
	case "https":
		t := tls.Client(c, &tls.Config{ServerName: proxy.Hostname(), MinVersion: tls.VersionTLS12})
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		c = t
	default:
		return nil, fmt.Errorf("scheme %q is not supported; use an http:// or https:// proxy", proxy.Scheme)
	}
	head := "CONNECT " + addr + " HTTP/1.1\r\nHost: " + addr + "\r\nUser-Agent: tacet\r\n"
	if u := proxy.User; u != nil {
		password, _ := u.Password()
		head += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)) + "\r\n"
	}
	if _, err := io.WriteString(c, head+"\r\n"); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(io.LimitReader(c, maxProxyAnswer), 1<<10)
	resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, fmt.Errorf("reading its answer: %w", err)
	}
	switch {
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return nil, errors.New("it wants a user name and password: put them into HTTPS_PROXY (http://user:password@host:port)")
	case resp.StatusCode/100 != 2:
		return nil, fmt.Errorf("it refuses the tunnel to %s: %s", addr, resp.Status)
	case r.Buffered() > 0: // TLS servers do not speak first
		return nil, errors.New("bytes before the tunnel began")
	}
	return c, nil
}
