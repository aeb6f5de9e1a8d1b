"""Commands about what is stored: asking, checking, moving and removing it."""
