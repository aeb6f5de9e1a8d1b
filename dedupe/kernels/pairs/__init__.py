"""In: candidate pairs and the tokens of their texts. Out: the measures of each pair, as `dedupe.pairs` defines them."""
