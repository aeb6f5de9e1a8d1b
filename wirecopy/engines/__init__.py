"""How the dates of a dedupe are computed: here, or by engines that run on many machines."""
