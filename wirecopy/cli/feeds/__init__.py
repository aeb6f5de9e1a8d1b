"""The commands under `wirecopy feeds`."""
