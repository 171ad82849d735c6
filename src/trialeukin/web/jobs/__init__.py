"""Runs that are asked for in a browser: worker processes, and whoever hands them work."""
