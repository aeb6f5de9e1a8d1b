"""From a feed document to entries. In: the bytes of RSS, Atom, JSON Feed or a news sitemap. Out: entries with their
keys.
"""
