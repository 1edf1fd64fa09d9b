"""Controls: the tests' own tools must find what is wrong."""
