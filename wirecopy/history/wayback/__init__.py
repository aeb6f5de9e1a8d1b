"""The source `wayback`. In: a feed and an interval. Out: captures of the feed in a web archive."""
