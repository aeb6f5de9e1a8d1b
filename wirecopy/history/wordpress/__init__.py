"""The source `wordpress`. In: a feed and an interval. Out: the lists of its posts by the REST API of its site."""
