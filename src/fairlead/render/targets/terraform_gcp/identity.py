"""Who a service is in the cloud: the account of the cluster itself, by workload identity federation."""

from __future__ import annotations

from fairlead.render.parts.hcl import Raw


def member(namespace: str, account: str) -> Raw:
    """A service account of the cluster as a member of a policy."""
    pool = "projects/${data.google_project.me.number}/locations/global/workloadIdentityPools/${var.project}.svc.id.goog"
    return Raw(f'"principal://iam.googleapis.com/{pool}/subject/ns/{namespace}/sa/{account}"')
