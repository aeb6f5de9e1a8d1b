"""From a page to an article. In: HTML and the entry that led there. Out: an article, or why there is none."""
