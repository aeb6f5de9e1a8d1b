"""Processes that may be killed. In: jobs (extract a page, parse a feed). Out: results, or a timeout, a crash, out of
memory.
"""
