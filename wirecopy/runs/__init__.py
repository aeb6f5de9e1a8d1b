"""The rules of a run. In: entries and the ledger. Out: which entries to take, and one outcome for each of them."""
