"""Who may ask, and who pays: virtual keys, limits, budgets, the ledger.

What is promised, and by which part:
- no database is in the path of a request whose key is known: `Accounts` decides from memory (`admit`, `reserve`,
  `settle`, `release`); for a new key the store is looked at, once for all who wait (`Strangers`);
- a budget is never overspent by more than the requests under way, over any number of processes: each spends only what
  it was lent (`Leases`, `stores.lending`), and what a dead process was lent comes back only when its spool is settled;
- every answered request is in the ledger exactly once, also after `kill -9`: it stands in the spool before its last
  byte is sent, and the ledger knows it by its id (`Scribe`, `recovery`);
- requests that a killed process had under way are listed as unknown, and count with what they had reserved.
"""
