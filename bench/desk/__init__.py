"""How long the pages take on a large store."""
