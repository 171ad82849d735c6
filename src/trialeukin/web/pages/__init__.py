"""One page a module: its routes, and the fragments that change as its reader types."""
