"""How fast the guard is: whole trees, prompts, pieces of streams, and until it is ready; beside its peers."""
