"""How results look on a terminal and on the page of `explain --html`. In: records. Out: text, tables, HTML."""
