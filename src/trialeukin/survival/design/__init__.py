"""Arithmetic of trial design: events, patients, calendar time and group-sequential boundaries; values in, values out."""
