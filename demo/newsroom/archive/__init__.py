"""The newsroom's past. In: the world and the place of a site. Out: old articles, and the archives that hold them."""
