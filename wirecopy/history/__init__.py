"""Sources of history. In: the interval of a past run. Out: documents and pages that may hold its articles."""
