"""Tables computed from articles. In: the articles of a window. Out: sketches, matches and clusters of a date."""
