"""How well the guard tells secrets from what looks like them, on texts that none of its rules was written on."""
