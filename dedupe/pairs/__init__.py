"""Two texts side by side. In: a context and pairs of its texts. Out: candidates, the measures of each pair, its
relation (`relations.classify`) and the passages that both texts share.
"""
