"""Answers about single articles. In: an id, a URL, words, or a user's own file. Out: its cluster, matches and
passages.
"""
