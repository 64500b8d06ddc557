"""ttr-tui connects companies' Microsoft 365 tenants to timetoreply, from a terminal."""
