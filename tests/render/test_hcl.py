"""HCL, as `terraform fmt` leaves it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from fairlead.render.parts.hcl import Block, Inner, Raw, assignments, hcl_text, json_of, resource, template

BLOCKS = [
    resource(
        "thing",
        "one",
        {
            "short": 1,
            "much_longer": True,
            "gone": None,
            "tags": {"Name": "a", "fairlead.dev/spot": "true"},
            "after": Raw("thing.two.id"),
            "policy": json_of({"Statement": [{"Effect": "Allow", "Action": ["a", "b"]}, {"Resource": Raw("x.y")}]}),
            "ids": ["x" * 60, "y" * 60],
            "inner": [Inner({"a": 1, "longer": json_of({"deep": {"deeper": 2}})}), Inner({}, ("label",))],
        },
        notes=["checkov:skip=CKV_1:because"],
    ),
    Block("provider", ("aws",), {}),
]


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine")
@pytest.mark.parametrize("text", [hcl_text(BLOCKS), assignments({"bucket": "b", "encrypt": True})])
def test_terraform_would_write_it_the_same_way(text: str) -> None:
    """Byte for byte."""
    command = [str(shutil.which("terraform")), "fmt", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == text


def test_text_from_the_stack_is_no_expression() -> None:
    """Only what is meant as one is."""
    assert 'a = "$${var.b} %%{if c}"' in hcl_text([Block("x", (), {"a": "${var.b} %{if c}"})])
    assert 'a = "${var.b}"' in hcl_text([Block("x", (), {"a": template("${var.b}")})])


def test_what_is_none_is_not_written() -> None:
    """A mapping without anything in it is."""
    assert hcl_text([Block("x", (), {"a": None, "b": {}})]).endswith("x {\n  b = {}\n}\n")
