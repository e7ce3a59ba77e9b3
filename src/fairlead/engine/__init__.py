"""Runs a stack on one machine: instances, the router in front of them, and the journal that remembers both."""
