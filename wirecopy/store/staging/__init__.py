"""state/staging: files between tasks. In: plans, finished parts, journals. Out: the same, to publish."""
