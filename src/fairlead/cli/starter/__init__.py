"""What `fairlead init` writes: a guess at what is in a folder, and the stack file for it."""
