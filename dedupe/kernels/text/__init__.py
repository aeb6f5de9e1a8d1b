"""In: texts as bytes. Out: their tokens, flags and lines, as `dedupe.text` defines them."""
