"""Trials of any design, thousands at once: who comes when, what happens to them, when a trial looks and stops."""
