"""Statistics of times to an event: arrays in, values out, one statistic a file."""
