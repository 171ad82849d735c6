"""One piece of biology a file."""
