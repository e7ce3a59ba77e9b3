"""Where copies go: the bucket of a policy's `where`, in the words of whoever saves from inside of a cluster.

Azure's containers are named by a whole URL: their names mean nothing without that of the storage account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fairlead.render.cluster.addresses import is_outside
from fairlead.render.target import Unsupported
from fairlead.stack.model import Stack
from fairlead.stack.model.store import Backup

BLOBS = ".blob.core.windows.net"
CLOUDS = {"s3": "aws", "gs": "gcp"}
"""By the scheme of a bucket's URL."""

OWN_WAY = {"postgres"}
"""Stores whose operator makes their backups."""

NO_BUCKET = f"a cluster saves to `s3://…`, `gs://…` or `https://ACCOUNT{BLOBS}/CONTAINER/…`"


@dataclass(frozen=True)
class Bucket:
    """A place in a cloud's object storage."""

    url: str
    cloud: str
    name: str
    prefix: str
    account: str = ""
    """Azure's storage account."""


def bucket(policy: Backup) -> Bucket | None:
    """None where it names a directory, or what only a machine reaches."""
    url = (policy.where or "").rstrip("/")
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    if scheme in CLOUDS:
        return Bucket(url, CLOUDS[scheme], host, path.strip("/"))
    name, _, prefix = path.partition("/")
    if scheme == "https" and host.endswith(BLOBS) and name:
        return Bucket(url, "azure", name, prefix.strip("/"), host.removesuffix(BLOBS))
    return None


def unsupported(stack: Stack) -> Iterator[Unsupported]:
    """Places that are no bucket, of the policies whose place matters here."""
    said = {"cluster_backup": stack.cluster_backup}
    for name, store in stack.stores.items():
        if stack.kubernetes.stores == "operators" and store.kind in OWN_WAY and not is_outside(store):
            said |= {f"stores.{name}.backup": store.backup} if store.backup else {"backup": stack.backup}
    for key, policy in said.items():
        if policy is not None and policy.where and bucket(policy) is None:
            yield Unsupported(f"{key}.where", NO_BUCKET)
