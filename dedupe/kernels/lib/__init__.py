"""What every kernel uses: types, hash tables, blocks of texts, and the folder in which compiled code is kept."""
