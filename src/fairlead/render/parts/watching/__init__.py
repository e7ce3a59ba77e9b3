"""What is measured of a stack, and what somebody is told of: alerts and their rehearsals, for every target."""
