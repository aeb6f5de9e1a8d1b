"""Steps beside the way of an article: what looks after a store, and what a person starts by hand."""
