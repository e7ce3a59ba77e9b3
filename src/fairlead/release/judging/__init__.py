"""A canary under judgement: reads its sources, asks the judge, keeps what it saw, and does what a person says."""
