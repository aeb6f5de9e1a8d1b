"""The source `paging`. In: a feed and an interval. Out: its older documents, as the feed or its software names them."""
