"""The parts that all kernels use: types, hash tables, blocks of texts, and the folder of compiled code."""
