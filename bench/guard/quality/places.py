"""The files that secrets are left in, each as people write it: a name and a value go in, a text comes out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from bench.guard.quality.draws import Draw

Writes = Callable[[Draw, str, str], str]

KINDS = ("any",)
QUOTED = ("any", "quoted")
LINES = ("any", "quoted", "block")


@dataclass(frozen=True, slots=True)
class Place:
    """One kind of file: what it is called, how it is written, and which values fit."""

    kind: str
    file: str
    write: Writes
    fits: tuple[str, ...] = KINDS
    host: str = ""
    """The kind of real file that it is put into (`py`, `md`); empty for one that stands for itself."""
    shown: Callable[[str], str] = str
    """How the value is written there."""


def camel(name: str) -> str:
    """`DB_PASSWORD` as `dbPassword`."""
    first, *others = name.lower().split("_")
    return first + "".join(part.capitalize() for part in others)


def kebab(name: str) -> str:
    """`DB_PASSWORD` as `db-password`."""
    return name.lower().replace("_", "-")


def _env(d: Draw, name: str, value: str) -> str:
    quote = d.one(("", "", '"', "'")) if not set(value) & set(" #$&*()!;'\"") else "'"
    quote = quote if quote not in value or not quote else ""
    return (
        f"# settings of {d.one(('api', 'worker', 'web'))}\nNODE_ENV=production\nPORT={d.digits(4)}\nLOG_LEVEL=info\n"
        f"{name}={quote}{value}{quote}\nFEATURE_FLAGS=search,export\nTZ=Europe/Lisbon\nWORKERS=4\n"
    )


def _compose(d: Draw, name: str, value: str) -> str:
    entry = d.one((f'      {name}: "{value}"', f"      - {name}={value}"))
    first = "      TZ: UTC" if ": " in entry.split(value)[0] else "      - TZ=UTC"
    return (
        f"services:\n  app:\n    image: acme/{d.one(('shop', 'crm'))}:1.{d.between(0, 30)}\n    restart: always\n"
        f'    ports: ["8{d.digits(3)}:80"]\n    environment:\n{first}\n{entry}\n'
        "    depends_on: [db]\n  db:\n    image: postgres:16-alpine\n    volumes: [data:/var/lib/postgresql/data]\n"
        "volumes:\n  data:\n"
    )


def _deployment(d: Draw, name: str, value: str) -> str:
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: billing\n  labels: {app: billing}\nspec:\n"
        f"  replicas: {d.between(1, 6)}\n  template:\n    spec:\n      containers:\n        - name: billing\n"
        f"          image: registry.acme.dev/billing:{d.hex(7)}\n          env:\n            - name: LOG_LEVEL\n"
        f'              value: info\n            - name: {name}\n              value: "{value}"\n'
        "          resources:\n            limits: {cpu: 500m, memory: 512Mi}\n"
    )


def _k8s_secret(_: Draw, name: str, value: str) -> str:
    return (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\n  namespace: prod\ntype: Opaque\nstringData:\n"
        f'  {kebab(name)}: "{value}"\n'
    )


def _k8s_data(_: Draw, name: str, value: str) -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ntype: Opaque\ndata:\n  {name}: {value}\n"


def _application_yml(d: Draw, name: str, value: str) -> str:
    return (
        f"server:\n  port: {d.digits(4)}\nspring:\n  application:\n    name: orders\n  datasource:\n"
        f"    url: jdbc:postgresql://db:5432/orders\n    username: orders\n    {kebab(name)}: '{value}'\n"
        "  jpa:\n    open-in-view: false\nmanagement:\n  endpoints:\n    web:\n      exposure:\n        include: info\n"
    )


def _properties(_: Draw, name: str, value: str) -> str:
    dotted = name.lower().replace("_", ".")
    return (
        "# connection\ndb.url=jdbc:mysql://db.internal:3306/shop\ndb.pool.size=20\n"
        f"{dotted}={value}\nlogging.level.root=WARN\n"
    )


def _tfvars(d: Draw, name: str, value: str) -> str:
    return (
        f'region         = "eu-west-{d.between(1, 3)}"\ninstance_type  = "t3.large"\nmin_size       = 2\n'
        f'{name.lower()} = "{value}"\ntags = {{\n  team = "platform"\n}}\n'
    )


def _jenkins(_: Draw, name: str, value: str) -> str:
    return (
        "pipeline {\n  agent any\n  environment {\n    CI = 'true'\n"
        f"    {name} = '{value}'\n  }}\n  stages {{\n    stage('test') {{\n      steps {{\n        sh 'make test'\n"
        "      }\n    }\n  }\n}\n"
    )


def _workflow(_: Draw, name: str, value: str) -> str:
    return (
        "name: release\non:\n  push:\n    tags: ['v*']\njobs:\n  publish:\n    runs-on: ubuntu-24.04\n    env:\n"
        f"      {name}: {value}\n    steps:\n      - uses: actions/checkout@v4\n      - run: ./release.sh\n"
    )


def _dockerfile(d: Draw, name: str, value: str) -> str:
    line = d.one((f"ENV {name}={value}", f"ARG {name}={value}", f'ENV {name}="{value}"'))
    return (
        f'FROM python:3.12-slim\nWORKDIR /app\n{line}\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["./run"]\n'
    )


def _shell(d: Draw, name: str, value: str) -> str:
    return (
        '#!/usr/bin/env bash\nset -euo pipefail\n\ncd "$(dirname "$0")"\n'
        f"{d.one(('export ', '', 'readonly '))}{name}='{value}'\n\n"
        'for file in migrations/*.sql; do\n  psql -f "$file"\ndone\n'
    )


def _json(d: Draw, name: str, value: str) -> str:
    settings = {
        "name": "gateway", "port": int(d.digits(4)), "auth": {camel(name): value, "timeoutMs": 3000},
        "features": ["search"],
    }  # fmt: skip
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def _json_line(d: Draw, name: str, value: str) -> str:
    return json.dumps(
        {"id": d.between(1, 999), "ok": True, name.lower(): value, "tags": ["a", "b"]}, ensure_ascii=False
    )


def _web_config(d: Draw, name: str, value: str) -> str:
    pascal = "".join(part.capitalize() for part in name.lower().split("_"))
    line = d.one((f'<add key="{pascal}" value="{value}" />', f"<{pascal}>{value}</{pascal}>"))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<configuration>\n  <appSettings>\n    <add key="Rows" value="20" />\n'
        f"    {line}\n  </appSettings>\n</configuration>\n"
    )


def _ini(_: Draw, name: str, value: str) -> str:
    return f"[server]\nhost = 0.0.0.0\nworkers = 4\n\n[backend]\n{name.lower()} = {value}\ntimeout = 30\n"


def _python(d: Draw, name: str, value: str) -> str:
    quote = '"' if '"' not in value else "'"
    return d.one((
        f"{name} = {quote}{value}{quote}",
        f"{name.lower()}: str = {quote}{value}{quote}",
        f"client = Client(host, {name.lower()}={quote}{value}{quote})",
        f'os.environ["{name}"] = {quote}{value}{quote}',
        f'SETTINGS = {{"debug": False, "{name.lower()}": {quote}{value}{quote}}}',
        f'{name} = os.getenv("{name}", {quote}{value}{quote})',
    ))  # fmt: skip


def _typescript(d: Draw, name: str, value: str) -> str:
    quote = d.one("'\"") if "'" not in value else '"'
    line = d.one((
        f"const {camel(name)} = {quote}{value}{quote};",
        f"  {camel(name)}: {quote}{value}{quote},",
        f"export const {name}: string = {quote}{value}{quote};",
        f"const {camel(name)} = process.env.{name} || {quote}{value}{quote};",
        f"this.{camel(name)} = {quote}{value}{quote};",
    ))  # fmt: skip
    return (
        "import { createClient } from './client';\nimport type { Options } from './types';\n\n"
        f"export async function main(options: Options) {{\n  {line}\n  const client = await createClient(options);\n"
        "  return client.items.filter((item) => item.visible);\n}\n"
    )


def _go(d: Draw, name: str, value: str) -> str:
    line = d.one((f'{camel(name)} := "{value}"', f'const {camel(name)} = "{value}"', f'cfg.{camel(name)} = "{value}"'))
    return (
        'package main\n\nimport (\n\t"context"\n\t"log"\n)\n\nfunc main() {\n\tctx := context.Background()\n'
        f"\t{line}\n\tif err := run(ctx); err != nil {{\n\t\tlog.Fatal(err)\n\t}}\n}}\n"
    )


def _java(_: Draw, name: str, value: str) -> str:
    return (
        "package dev.acme.orders;\n\npublic final class Settings {\n    public static final int PORT = 8080;\n"
        f'    private static final String {name} = "{value}";\n\n    public String url() {{\n'
        '        return "jdbc:postgresql://db/orders";\n    }\n}\n'
    )


def _notebook(_: Draw, name: str, value: str) -> str:
    source = ["import pandas as pd\n", "import requests\n", f"{name.lower()} = '{value}'\n", "df = pd.read_csv(url)\n"]
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": source}
    return json.dumps(
        {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False
    )


def _helm(_: Draw, name: str, value: str) -> str:
    image = "replicaCount: 2\nimage:\n  repository: acme/web\n  tag: 3.1.4\n"
    return f"{image}auth:\n  {camel(name)}: {value}\ningress:\n  enabled: true\n"


def _diff(d: Draw, name: str, value: str) -> str:
    return (
        f"diff --git a/config.py b/config.py\nindex {d.hex(7)}..{d.hex(7)} 100644\n--- a/config.py\n+++ b/config.py\n"
        f"@@ -12,3 +12,4 @@ class Config:\n     DEBUG = False\n+    {name} = '{value}'\n     TESTING = False\n"
    )


def encoded(value: str) -> str:
    """As a cluster's secrets hold values."""
    return base64.b64encode(value.encode()).decode()


FILES = (
    Place(".env", ".env", _env, QUOTED),
    Place("compose file", "compose.yaml", _compose),
    Place("deployment", "deployment.yaml", _deployment, QUOTED),
    Place("secret of a cluster", "secret.yaml", _k8s_secret, QUOTED),
    Place("secret in base64", "sealed.yaml", _k8s_data, KINDS, shown=encoded),
    Place("application.yml", "application.yml", _application_yml, QUOTED),
    Place("properties", "application.properties", _properties),
    Place("tfvars", "terraform.tfvars", _tfvars),
    Place("Jenkinsfile", "Jenkinsfile", _jenkins),
    Place("workflow", "release.yml", _workflow),
    Place("Dockerfile", "Dockerfile", _dockerfile),
    Place("shell", "deploy.sh", _shell, QUOTED),
    Place("JSON", "settings.json", _json, QUOTED),
    Place("JSON line", "events.jsonl", _json_line, QUOTED),
    Place("XML", "web.config", _web_config),
    Place("INI", "app.ini", _ini),
    Place("Python", "module.py", _python, QUOTED, host="py"),
    Place("TypeScript", "client.ts", _typescript, QUOTED),
    Place("Go", "main.go", _go),
    Place("Java", "Settings.java", _java),
    Place("notebook", "analysis.ipynb", _notebook),
    Place("Helm values", "values.yaml", _helm),
    Place("diff", "change.diff", _diff, QUOTED),
)
