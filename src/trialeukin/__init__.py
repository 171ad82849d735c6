"""Interleukin-2 in leukaemia: from a protocol's sentence to a virtual randomised trial."""

__version__ = "0.1.0"
