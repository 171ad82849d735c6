"""Observation beside prediction: the split, the cases, their reading and scoring."""
