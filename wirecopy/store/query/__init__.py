"""Reading the store. In: SQL or a question. Out: rows, exports, and what is wrong with files."""
