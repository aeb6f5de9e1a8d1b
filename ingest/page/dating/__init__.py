"""When the article of a page was published: the claims of its data, its address and its visible text, weighed."""
