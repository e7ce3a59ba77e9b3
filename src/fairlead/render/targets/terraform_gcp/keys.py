"""The key that everything at rest is encrypted with: always one of the stack's own, rotated."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.clouds.site import Site
from fairlead.render.parts.hcl import Block, Inner, Raw, resource

ROTATED_S = {True: 30 * 86400, False: 90 * 86400}
"""With `security.key_service`, and without."""

KEY = Raw("google_kms_crypto_key.main.id")
MAY = [Raw("google_kms_crypto_key_iam_member.agents")]
"""What those wait for who use it."""

AGENTS = ("compute-system", "container-engine-robot", "gs-project-accounts", "gcp-sa-cloud-sql", "cloud-redis",
          "gcp-sa-secretmanager", "gcp-sa-managedkafka")  # fmt: skip
"""The accounts by which Google's own services encrypt."""


def of(site: Site) -> Iterator[Block]:
    """One for each region."""
    waits = {"depends_on": [Raw("google_project_service.cloudkms")]}
    yield resource("google_kms_key_ring", "main", {"name": site.name, "location": site.region, **waits})
    yield resource(
        "google_kms_crypto_key",
        "main",
        {
            "name": "data",
            "key_ring": Raw("google_kms_key_ring.main.id"),
            "rotation_period": f"{ROTATED_S[site.stack.security.key_service]}s",
            "lifecycle": Inner({"prevent_destroy": True}),
        },
    )
    yield resource(
        "google_kms_crypto_key_iam_member",
        "agents",
        {
            "for_each": Raw(f"toset({_listed()})"),
            "crypto_key_id": KEY,
            "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
            "member": Raw(
                '"serviceAccount:service-${data.google_project.me.number}@${each.value}.iam.gserviceaccount.com"'
            ),
        },
    )


def _listed() -> str:
    return "[" + ", ".join(f'"{agent}"' for agent in AGENTS) + "]"
