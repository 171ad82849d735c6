"""Arithmetic of trial design: events, patients, calendar time, group-sequential boundaries; values in, values out."""
