"""The command line: says, asks, exits. What it does is done by the daemon, the stack and the engine."""
