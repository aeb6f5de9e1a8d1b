"""The command: one file per group. Results on stdout, progress and logs on stderr."""
