"""The past: in comes the interval of a past run, out go documents and pages that may hold its articles, by source."""
