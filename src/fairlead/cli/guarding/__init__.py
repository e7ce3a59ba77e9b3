"""Commands of `fairlead guard` that need no service: one a file, imported when it is called."""
