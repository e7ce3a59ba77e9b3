"""Makes the data for, trains and measures the model that judges passwords and keys without a form of their own."""
