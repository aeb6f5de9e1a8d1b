"""Compiled code (numba), imported by `dedupe.backends` alone. In: texts, tables of tokens, pairs. Out: the same
columns as the plain code gives.

A kernel is declared by `lib.cache.kernel`: numba's own cache looks only at the file of the function that it keeps.
What kernels call is plain `njit`, which LLVM inlines: with `inline="always"` the first pass took 8 % longer.
"""
