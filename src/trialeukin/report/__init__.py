"""Figures, tables and one self-contained page that a clinician can read, print and check."""
