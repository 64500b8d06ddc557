"""What Textual alone does, for comparison: programs for a terminal, nothing of ours in them."""
