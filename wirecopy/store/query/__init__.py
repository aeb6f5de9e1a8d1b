"""Reading the store. In: SQL. Out: rows, exports, and problems of files."""
