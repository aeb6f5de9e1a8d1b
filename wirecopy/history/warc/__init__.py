"""WARC files as a source of history. In: files and lists of them. Out: pages of the feeds' sites in raw/, an index."""
