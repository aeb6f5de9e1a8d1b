"""Documents of sources of history. In: a document and an interval. Out: the entries that may lie in it, and counts."""
