"""The interface for programs: one noun a module."""
