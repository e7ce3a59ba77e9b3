"""The stack as cloud resources: what every provider's Terraform has in common."""
