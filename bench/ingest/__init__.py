"""How fast pages become stored articles: the fetcher, a live run, and memory, against a farm of feeds on loopback."""
