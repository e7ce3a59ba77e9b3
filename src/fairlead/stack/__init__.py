"""What the user declares: a stack as frozen data, with its loading, its checks and its differences. No effects."""
