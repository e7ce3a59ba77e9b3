"""The hub beside its peers, and held to its promises."""
