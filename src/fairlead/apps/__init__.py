"""Fairlead's own services: ordinary programs. They know neither stacks nor engines, nor one another."""
