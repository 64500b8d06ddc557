"""The version, as a constant: asking the installed metadata costs 80 ms of every start."""

VERSION = "1.0.0"
