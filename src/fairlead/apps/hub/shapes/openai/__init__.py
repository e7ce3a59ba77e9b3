"""What OpenAI's protocols share: the words for usage, failures and service tiers."""
