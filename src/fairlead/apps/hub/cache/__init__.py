"""Answers that need not be asked for again: kept in memory, behind it in Redis, or under way already.

Never crosses tenants: a tenant's name goes into the key of everything that is kept, found or shared. What is kept is
the answer as a client of that protocol got it, so it is given to the same request in the same protocol only, whole or
as a stream.
"""
