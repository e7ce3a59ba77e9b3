"""The guard's door: where findings stand, what is put in their place, and that streams keep every rule's secret."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from fairlead.apps.guard.engine.cache import kept_or_built
from fairlead.apps.guard.engine.pack import Packed, key_of
from fairlead.apps.guard.findings import Finding
from fairlead.apps.guard.library import Library, loaded, pack_of
from fairlead.apps.guard.placeholders import Masked, Numbered
from fairlead.apps.guard.rules.loading import ours, rules_of
from fairlead.errors import FairleadError

TOKEN = "ghp_zQWBuTSOoRi4A9spHc" + "VY5ncnsDkxkJ0mLq17"
PASSWORD = "tR7#kq" + "Lw29!x"


def test_a_token_is_found_where_it_stands_with_its_kind_and_why(guard: Library) -> None:
    """All that a program needs to act, nothing of the value."""
    text = f"größer 😀: {TOKEN}, und mehr"

    (finding,) = guard.scan(text)

    assert text[finding.start : finding.end] == TOKEN
    assert (finding.rule, finding.severity, finding.confidence) == ("github.personal-access-token", "critical", 0.99)
    assert finding.reasons == ("the form of GitHub", "checksum github")
    assert TOKEN not in repr(finding)


def test_bytes_are_searched_in_any_encoding_and_counted_as_bytes(guard: Library) -> None:
    """Latin-1, binary rubbish and cut characters are no obstacle."""
    data = b"\xff\xfe gr\xf6\xdfer \xe2\x82" + TOKEN.encode() + b"\xc3"

    (finding,) = guard.scan_bytes(data)

    assert data[finding.start : finding.end] == TOKEN.encode()


def test_a_token_with_a_wrong_checksum_is_reported_less_sure_and_says_so(guard: Library) -> None:
    """People try a guard with tokens that they made up; a mistyped one is nearly a secret, too."""
    (finding,) = guard.scan(TOKEN[:-1] + "8")

    assert (finding.rule, finding.confidence) == ("github.personal-access-token", 0.9)
    assert "its checksum github does not fit: the issuer gave none such out" in finding.reasons


def test_a_token_that_was_typed_by_hand_is_hardly_sure(guard: Library) -> None:
    """Its characters follow one another as in the alphabet: no release is refused for it."""
    (finding,) = guard.scan("ghp_" + "abcdeABCDE12345fghijFGHIJ67890klmnoK")

    assert (finding.rule, finding.confidence) == ("github.personal-access-token", 0.5)
    assert finding.reasons[-1] == "typed rather than drawn"


def test_equal_values_have_equal_digests_under_one_key_only(guard: Library) -> None:
    """Findings can be compared by who has the key, and values not guessed by who has not."""
    one, again = guard.scan(f"{TOKEN} {TOKEN}")
    (other,) = guard.keyed(b"another key").scan(TOKEN)
    (same,) = guard.keyed(b"another key").scan(TOKEN)

    assert one.digest == again.digest != other.digest
    assert other.digest == same.digest


def test_placeholders_are_stable_and_give_the_text_back(guard: Library) -> None:
    """Equal secrets get equal stand-ins, over texts of one conversation."""
    kept = Numbered()
    text = f"token {TOKEN} and again {TOKEN}; password = '{PASSWORD}'"
    redacted, found = guard.redact(text, kept)
    answer, _ = guard.redact(f"use {TOKEN}", kept)

    assert len(found) == 3
    assert redacted.count("<secret:github.personal-access-token:1>") == 2
    assert answer == "use <secret:github.personal-access-token:1>"
    assert kept.restored(redacted) == text
    assert kept.restored("<secret:github.personal-access-token:9>") == "<secret:github.personal-access-token:9>"
    assert TOKEN not in repr(kept)


def test_without_placeholders_the_kind_is_said_and_nothing_kept(guard: Library) -> None:
    """For logs and reports, which nobody wants undone."""
    assert guard.redact(f"x {TOKEN}")[0] == "x <secret:github.personal-access-token>"
    assert Masked().restored("x <secret:a.b>") == "x <secret:a.b>"


def test_a_name_of_a_rule_can_be_anything_in_a_placeholder() -> None:
    """Rule files of others name their rules as they like."""
    kept = Numbered()
    finding = Finding("My Rule/ä", "k", "high", 1.0, 0, 1, "d")

    assert kept.restored(kept.of(finding, "value")) == "value"


def test_a_text_without_secrets_is_the_same_object(guard: Library) -> None:
    """No copy is made on the way through."""
    text = "nothing in here"

    assert guard.redact(text) == (text, ())
    assert guard.redact(text)[0] is text


def test_the_guard_is_loaded_once_for_the_same_rules(guard: Library) -> None:
    """Everybody in a process shares it."""
    assert loaded() is loaded()


def test_rules_of_others_are_loaded_beside_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found under their own names, with what could not be used named."""
    monkeypatch.setattr("fairlead.apps.guard.library.ours", dict)
    path = tmp_path / "rules.toml"
    path.write_text(
        "[[rules]]\nid = 'acme'\nregex = '''acme-[a-z]{8}'''\nkeywords = ['acme']\n"
        "[[rules]]\nid = 'other'\nregex = '''(?=x)y'''\n"
    )
    guard = loaded(tmp_path, [path])

    assert [finding.rule for finding in guard.scan("an acme-abcdefgh")] == ["acme"]
    assert [str(problem) for problem in guard.left_out] == [
        f"{path}: rule other: regex: look-around is not supported at character 3, left out"
    ]


def test_what_was_built_for_another_processor_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache folder that came along in an image is no reason to fail."""
    monkeypatch.setattr("fairlead.apps.guard.library.ours", dict)
    foreign = Packed((), b"built elsewhere", b"built elsewhere", ())
    kept_or_built(tmp_path, key_of({}, {}), lambda: foreign)

    assert pack_of(tmp_path).automaton.places(b"anything") == ()
    assert kept_or_built(tmp_path, key_of({}, {}), lambda: foreign) != foreign


def test_a_rule_file_that_is_missing_or_none_is_an_error(tmp_path: Path) -> None:
    """Nobody is to believe that rules are in force which are not."""
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("a = 1")

    with pytest.raises(FairleadError, match=r"missing\.toml"):
        loaded(tmp_path, [tmp_path / "missing.toml"])
    with pytest.raises(FairleadError, match="not a rule file of gitleaks"):
        loaded(tmp_path, [wrong])


@pytest.mark.timeout(180)
def test_the_secret_of_every_rule_is_kept_back_in_streams(guard: Library) -> None:
    """The same text comes out as of a scan of the whole, in pieces of every size up to sixteen bytes.

    Size and first cut change from example to example; over all rules, each of the 136 pairs comes up several times.
    """
    cuts = [(size, first) for size in range(1, 17) for first in range(size)]
    examples = ["".join(halves) for rule in rules_of(ours()) for halves in rule.yes[:1]]
    assert len(examples) > 3 * len(cuts)
    for number, example in enumerate(examples):
        text = f"Wörter davor: x\n{example}\nand words behind, gh"
        redacted, found = guard.redact(text, Numbered())
        size, first = cuts[number % len(cuts)]
        stream = guard.stream(Numbered())
        bounds = [0, *range(first, len(text), size), len(text)]
        fed = [stream.feed(text[start:end]) for start, end in pairwise(bounds)]
        fed.append(stream.close())
        assert "".join(out for out, _ in fed) == redacted
        assert [each.start for _, new in fed for each in new] == [each.start for each in found]
