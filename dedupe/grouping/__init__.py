"""Groups of copies. In: articles and the matches between them. Out: clusters, each with its origin and its copies."""
