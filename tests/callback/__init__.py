"""The callback server, over HTTP on loopback."""
