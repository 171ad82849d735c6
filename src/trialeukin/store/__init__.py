"""Run directories, whole or not at all; the catalogue of runs and the queue of those that are to be done."""
