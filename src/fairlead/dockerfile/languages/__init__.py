"""What each language needs in an image: one file each, from a subject to a recipe."""

from collections.abc import Callable, Mapping

from fairlead.dockerfile.languages import go, node, own, plain, python, rust, static
from fairlead.dockerfile.subject import Recipe, Subject

LANGUAGES: Mapping[str, Callable[[Subject], Recipe]] = {
    "python": python.recipe,
    "node": node.recipe,
    "go": go.recipe,
    "rust": rust.recipe,
    "static": static.recipe,
    "plain": plain.recipe,
    "own": own.recipe,
}
"""By the name in the stack file; `plain` is a program that is there already and only has to be copied,
`own` one of Fairlead's own apps."""
