"""The journeys: each file reads top to bottom as the steps of one, and no other file decides."""
