"""The command: one file per group. Results on stdout, progress and logs on stderr."""

import gc

# Importing makes thousands of objects that stay, and nothing else: collecting garbage among them again and again is a
# tenth of what a short command costs.
gc.set_threshold(50_000)
