"""Compiled code (numba): imported by the function that needs it, because a fresh process pays for loading it.

A kernel calls no kernel of another file: numba's cache looks only at the file of the function it stores.
"""
