"""What runs a program: local processes with a shim each, and the twin in memory that the tests turn by hand."""
