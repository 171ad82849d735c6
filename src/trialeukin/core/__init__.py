"""Errors, units, parameters with their sources, and named random streams."""
