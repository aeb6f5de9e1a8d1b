"""In: a table of texts. Out: MinHash signatures, and the pairs of texts whose sketches share enough hashes."""
