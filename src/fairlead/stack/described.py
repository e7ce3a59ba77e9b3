"""The docstrings beneath the model's fields, read when somebody asks for documentation: most commands ask for none.

pydantic can read them as it makes each class, which takes a quarter of the time that importing the model takes.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache

from fairlead.stack.model.base import Model


@cache
def describe() -> None:
    """Give every field of the model its description, and every part of it a schema that has them."""
    models = list(_below(Model))
    for module in dict.fromkeys(model.__module__ for model in models):
        texts = dict(_texts(module))
        for model in models:
            if model.__module__ == module:
                for name, field in model.model_fields.items():
                    field.description = texts.get((model.__name__, name), field.description)
    for model in models:
        model.model_rebuild(force=True)


def _below(model: type[Model]) -> Iterator[type[Model]]:
    """In the order in which they are defined: parts before what is made of them."""
    for kind in model.__subclasses__():
        yield kind
        yield from _below(kind)


def _texts(module: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Class and field -> the text beneath it."""
    for node in ast.parse(inspect.getsource(sys.modules[module])).body:
        for line, following in zip(getattr(node, "body", []), getattr(node, "body", [])[1:], strict=False):
            if isinstance(node, ast.ClassDef) and isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                text = following.value if isinstance(following, ast.Expr) else None
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield (node.name, line.target.id), inspect.cleandoc(text.value)
