"""What a person sees: pure functions from what is known to lines of text, and the line that moves while one waits."""
