"""Other clients for the same directory, run by an interpreter that has them installed."""
