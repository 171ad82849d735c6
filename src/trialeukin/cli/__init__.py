"""The command line: one tree of commands, one file a command."""
