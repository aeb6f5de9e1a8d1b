"""Taking articles out of the store for good. In: ids and URLs. Out: tables without them, and a tombstone for each."""
