"""state/staging: what tasks hand to each other. In: plans, finished parts, journals. Out: the same, to publish."""
