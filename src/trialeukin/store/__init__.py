"""Run directories: all files of one run or none."""
