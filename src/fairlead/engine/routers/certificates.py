"""Certificates are tried before the router is told of them: a wrong one would only show when a client connects."""

from __future__ import annotations

import ssl

from fairlead.engine.router import Routing, Tls
from fairlead.errors import RouterError


def check(routing: Routing) -> None:
    """Raise `RouterError` for a certificate or a key that can't be used."""
    for entrance in routing.entrances:
        if entrance.tls:
            _check(entrance.tls)


def _check(tls: Tls) -> None:
    for path in (tls.certificate, tls.key):
        try:
            path.open("rb").close()
        except OSError as error:
            raise RouterError(f"{path}: can't be read: {error.strerror}") from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, password=lambda: "")
    except ssl.SSLError as error:
        raise RouterError(
            f"{tls.certificate}: does not work with the key {tls.key}: {error.reason or 'not a PEM file'}",
            hint="give the whole chain and its own key, both PEM, the key without a password",
        ) from error
