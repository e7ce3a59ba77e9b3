"""The files of a chart that are no objects: what it is called, its helpers, its notes, the schema of its values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.render.cluster.by_hand import commands
from fairlead.render.cluster.cluster import Cluster
from fairlead.render.parts.dumping import HEADER, SOURCE, json_text

KUBERNETES = ">=1.30.0-0"
"""`preStop.sleep` is there from 1.30 on."""

HELPERS = """\
{{- /* The image of a container: (list . IMAGE). Without a tag it is the version of this chart's app. */ -}}
{{- define "fairlead.image" -}}
{{- $top := index . 0 -}}
{{- $image := index . 1 -}}
{{- $image.repository -}}
{{- if $image.digest -}}
{{- if $image.tag }}:{{ $image.tag }}{{ end }}@{{ $image.digest -}}
{{- else -}}
:{{ $image.tag | default $top.Chart.AppVersion -}}
{{- end -}}
{{- end -}}

{{- /* The namespace, as the beginning of a name that is the whole cluster's. */ -}}
{{- define "fairlead.namespace" -}}
{{- .Release.Namespace | default .Chart.Name -}}
{{- end -}}

{{- /* The version as a label's value, quoted. */ -}}
{{- define "fairlead.version" -}}
{{- $top := index . 0 -}}
{{- $image := index . 1 -}}
{{- $version := ternary $top.Chart.AppVersion ($image.tag | default $top.Chart.AppVersion) (ne $image.digest "") -}}
{{- regexReplaceAll "[^A-Za-z0-9._-]+" $version "_" | trunc 63 | trimAll "._-" | quote -}}
{{- end -}}
"""

NOTES = """\
{{ .Chart.Name }} %(version)s is in the namespace {{ .Release.Namespace }}.

Every pod runs under Pod Security `restricted`; let the cluster hold to it:
  kubectl label namespace {{ .Release.Namespace }} pod-security.kubernetes.io/enforce=restricted

Look at it:
  kubectl -n {{ .Release.Namespace }} get pods
%(hosts)s%(secrets)s"""


def chart(cluster: Cluster, name: str, version: str) -> dict[str, Any]:
    """Chart.yaml."""
    return {
        "apiVersion": "v2",
        "name": name,
        "description": cluster.stack.description or f"The stack {name}",
        "type": "application",
        "version": version,
        "appVersion": version,
        "kubeVersion": KUBERNETES,
        **({"keywords": sorted(cluster.stack.labels.values())} if cluster.stack.labels else {}),
    }


def notes(cluster: Cluster, hosts: Iterable[str]) -> str:
    """What `helm install` prints."""
    found = "".join(f"  https://{host}\n" for host in hosts)
    told = "".join(f"  {line}\n" for line in commands(cluster))
    return NOTES % {
        "version": "{{ .Chart.AppVersion }}",
        "hosts": f"\nIt is reached at:\n{found}" if found else "",
        "secrets": f"\nSecrets that no manager holds have to be put in:\n{told}" if told else "",
    }


def values_text(values: Mapping[str, Any], dumped: str, *, environment: str = "") -> str:
    """values.yaml with what each part is for."""
    about = f"What the environment {environment} changes." if environment else "What can be set."
    known = {
        "environment": "which environment's form of the stack: '' is the plain one",
        "ingress": "the ways in over HTTP and gRPC, each with its switch",
        "services": "by name: image, number, resources, variables, settings",
        "stores": "by name: with `enabled: false` services read the URL (key `url`) from the Secret `externalSecret`",
    }
    lines = [f"#   {key}: {words}" for key, words in known.items() if key in values]
    return HEADER.format(source=SOURCE) + "\n".join([f"# {about}", *lines]) + "\n" + dumped


FREE = {"variables", "resources", "requests", "limits"}
"""Mappings whose keys are the user's own."""


def schema(values: Mapping[str, Any], environments: Iterable[str]) -> str:
    """values.schema.json: an unknown key is an error, as it is in the stack file."""
    found = _schema(dict(values), "")
    found["properties"]["environment"] = {"enum": ["", *environments]}
    return json_text({"$schema": "http://json-schema.org/draft-07/schema#", **found})


def _schema(value: Any, key: str) -> dict[str, Any]:
    if isinstance(value, dict):
        own = {name: _schema(inner, name) for name, inner in value.items()}
        if key in FREE:
            return {"type": "object", "additionalProperties": {"type": ["string", "number", "object"]}}
        # helm puts `global` into the values of every chart
        known = {**own, **({"global": {"type": "object"}} if key == "" else {})}
        return {"type": "object", "properties": known, "required": sorted(own), "additionalProperties": False}
    return {"type": "array"} if isinstance(value, list) else dict(TYPES[type(value)])


TYPES: dict[type, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": 0},
    float: {"type": "number"},
    str: {"type": "string"},
}
