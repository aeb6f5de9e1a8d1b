"""One text. In: a string. Out: its tokens, its lines, which tokens are quoted, and the place of each in it."""
