"""How good the decisions are, measured on labelled data, with floors that only a flag lowers."""
