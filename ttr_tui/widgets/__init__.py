"""What screens are made of: line-API widgets that draw themselves and do no input or output."""
