"""What this process owes to the ledger, on its own disk until the store has it."""
