"""Every official client with every kind of provider: what it is answered is what docs/reference/hub-clients.md says."""

from __future__ import annotations

import pytest
from tests.apps.hub.sdks import clients
from tests.apps.hub.sdks.matrix import CHECKS, PAGE, POINTED, Check, outcome, page, written
from tests.apps.hub.sdks.town import KINDS, Town

DOCUMENTED = written()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("one", CHECKS, ids=lambda one: f"{one.client}: {one.title}")
def test_a_client_is_answered_as_documented(town: Town, one: Check, name: str) -> None:
    """Right in content, reason of the end and usage; or refused by its own exception, in the words of the page.

    The provider must not have refused anything that the hub said.
    """
    found = outcome(town, one, name)

    assert found == DOCUMENTED[one.client, one.title][list(KINDS).index(name)], (
        "write the page anew: python -m tests.apps.hub.sdks --write"
    )


def test_the_page_is_of_these_checks() -> None:
    """No row that nothing stands behind, none missing, all clients, and the head as it is written now."""
    assert len(clients.__all__) == 7
    assert set(POINTED) == {one.client for one in CHECKS}
    assert list(DOCUMENTED) == [(one.client, one.title) for client in POINTED for one in CHECKS if one.client == client]
    assert page(DOCUMENTED).splitlines() == PAGE.read_text().splitlines()
