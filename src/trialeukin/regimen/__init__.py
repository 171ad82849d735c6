"""The regimen language: what a protocol writes, with one meaning."""
