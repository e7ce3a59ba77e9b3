"""What can be asked: one file for each matter, each endpoint with its words, so that serving and describing are one."""
