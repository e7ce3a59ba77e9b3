"""A Dockerfile for a service whose directory has none: by language, from its files and its entry in the stack file.

Pure: the same entry and the same files give the same text. Nothing is read, built or asked here.
"""

from fairlead.dockerfile.health import asking
from fairlead.dockerfile.ignoring import Ignored, dockerignore
from fairlead.dockerfile.listing import MANIFESTS, Listing
from fairlead.dockerfile.published import published
from fairlead.dockerfile.subject import Asker, Recipe, Subject
from fairlead.dockerfile.writing import dockerfile, recipe

__all__ = [
    "MANIFESTS", "Asker", "Ignored", "Listing", "Recipe", "Subject", "asking", "dockerfile", "dockerignore",
    "published", "recipe",
]  # fmt: skip
