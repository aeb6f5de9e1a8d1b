"""The texts of a window as columns. In: articles and their texts. Out: tables of tokens, flags and lines in memory or
on disk (`tables`, `spool`), who published them when (`listing`), and the context of a date (`context`).
"""
