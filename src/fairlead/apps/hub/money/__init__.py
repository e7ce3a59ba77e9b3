"""What calls cost: a table of published prices, the arithmetic, and tokens counted where a provider reports none.

Nothing here knows of requests, keys or budgets: prices and usage go in, nano-dollars (1e-9 USD, integers) come out.
"""
