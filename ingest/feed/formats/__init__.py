"""The kinds of feed documents, one file each, and their registry. In: bytes. Out: raw entries in their order."""
