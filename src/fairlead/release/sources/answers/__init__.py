"""What is made of the single requests that the router tells of: which of them count, which are bad, whose they are."""
