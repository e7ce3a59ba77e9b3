"""Versions of the judgement over values without a form: made, trained, tried beside one another, taken back."""
