"""What happens at times: services with a schedule, backups, and the question whether a service is alive."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.render.parts.dumping import ini_text
from fairlead.render.parts.shell.facts import CONFIGURATION, DATA, saved
from fairlead.render.target import File
from fairlead.render.targets.systemd.asking import line, seconds
from fairlead.render.targets.systemd.calendar import calendars
from fairlead.render.targets.systemd.naming import Names, is_template
from fairlead.render.targets.systemd.sandbox import ALWAYS, LOCAL, Line, denied
from fairlead.stack.model.network import Probe
from fairlead.stack.model.resources import Hardening
from fairlead.stack.model.service import Service
from fairlead.stack.model.store import Backup

RESTART = "restart@.service"
"""Restarts the unit that its instance is called after."""

BACKUP_LIMIT_S = 6 * 3600


def schedule(names: Names, service: str, cron: str) -> File:
    """When a service that ends by itself is run."""
    lines = [("OnCalendar", one) for one in calendars(cron)]
    targets = names.targets(names.stack.services[service])
    return _timer(f"{names.unit(service)}", f"{names.stack.name} {service}", [*lines, ("Persistent", "true")], targets)


def backups(names: Names) -> Iterator[File]:
    """A service and a timer for each thing that is saved."""
    for thing, policy in saved(names.stack).items():
        store = names.stack.stores.get(thing)
        if store is None or store.kind != "objects":
            unit = f"{names.stack.name}-backup-{thing}"
            yield File(f"units/{unit}.service", _backup(names, thing, policy))
            every = list(_times(policy))
            yield _timer(unit, f"{names.stack.name}: saves {thing}", every, [names.target])


def _times(policy: Backup) -> Iterator[Line]:
    if policy.at is not None:
        yield from (("OnCalendar", one) for one in calendars(policy.at))
        yield "Persistent", "true"
    else:
        yield "OnBootSec", "5min"
        yield "OnUnitActiveSec", seconds(policy.every or 0)
    yield "RandomizedDelaySec", "1min"


def _backup(names: Names, thing: str, policy: Backup) -> str:
    """By the same script as people use. It may read volumes of other units, or write a folder of root, and no more."""
    environment = f" --environment {names.scene.environment}" if names.scene.environment else ""
    place = policy.where or f"/var/backups/{names.stack.name}"
    local = "://" not in place
    kept = ["DAC_OVERRIDE"] if local else ["DAC_READ_SEARCH"] if thing in (DATA, CONFIGURATION) else []
    return ini_text(
        {
            "Unit": [
                ("Description", f"{names.stack.name}: saves {thing}"),
                ("Wants", "network-online.target"),
                ("After", "network-online.target"),
            ],
            "Service": [
                ("Type", "oneshot"),
                ("ExecStart", f"/bin/bash {names.library}/backup --only {thing}{environment}"),
                ("TimeoutStartSec", f"{BACKUP_LIMIT_S}"),
                ("DynamicUser", "yes"),
                ("WorkingDirectory", f"-{names.home}"),
                ("Environment", "RCLONE_CONFIG=/tmp/rclone.conf"),
                ("EnvironmentFile", f"-{names.folder}/addresses.env"),
                ("EnvironmentFile", f"-{names.folder}/secrets/backup.env"),
                *([("ReadWritePaths", f"-{place}")] if local else []),
                *denied(Hardening(capabilities=kept)),
                ("LogNamespace", names.stack.name),
                ("SyslogIdentifier", "backup"),
            ],
        }
    )


def liveness(names: Names, service: str, said: Service, probe: Probe) -> Iterator[File]:
    """A question of its own, and a timer; when it fails, the unit is restarted."""
    number = "@" if is_template(said) else ""
    unit = f"{names.stack.name}-{service}-health{number}"
    asked = f"{names.unit(service)}{'%i' if number else ''}.service"
    restart = f"{names.stack.name}-{RESTART.replace('@', f'@{asked}')}"
    yield File(
        f"units/{unit}.service",
        ini_text(
            {
                "Unit": [
                    ("Description", f"{names.stack.name} {service}: asks whether it is alive"),
                    ("Requisite", asked),
                    ("After", asked),
                    ("OnFailure", restart),
                ],
                "Service": [
                    ("Type", "oneshot"),
                    ("ExecStart", line(names.library, said, probe)),
                    (
                        "TimeoutStartSec",
                        seconds((probe.every + probe.timeout) * (probe.failures + probe.successes) + 5),
                    ),
                    ("EnvironmentFile", f"{names.folder}/{service}.env"),
                    *([("EnvironmentFile", f"{names.folder}/{service}-%i.env")] if number else []),
                    ("DynamicUser", "yes"),
                    ("LogNamespace", names.log(service)),
                    ("SyslogIdentifier", f"{service}-health"),
                    *denied(said.hardening),
                ],
            }
        ),
    )
    times = [
        ("OnActiveSec", seconds(probe.every)),
        ("OnUnitInactiveSec", seconds(probe.every)),
        ("AccuracySec", "100ms"),
    ]
    section = {
        "Unit": [
            ("Description", f"{names.stack.name} {service}: asks whether it is alive"),
            ("BindsTo", asked),
            ("After", asked),
        ],
        "Timer": times,
        "Install": [("WantedBy", asked)],
    }
    yield File(f"units/{unit}.timer", ini_text(section))


def restarting(names: Names) -> File:
    """The one unit that may tell systemd something."""
    section = {
        "Unit": [("Description", "Restarts %i")],
        "Service": [
            ("Type", "oneshot"),
            ("ExecStart", "/bin/systemctl --no-block restart %i"),
            ("CapabilityBoundingSet", ""),
            ("ProtectSystem", "strict"),
            ("DevicePolicy", "closed"),
            ("PrivateDevices", "yes"),
            ("PrivateNetwork", "yes"),
            ("MemoryDenyWriteExecute", "yes"),
            *(one for one in ALWAYS if one[0] != "RestrictAddressFamilies"),
            ("RestrictAddressFamilies", "AF_UNIX"),
            *LOCAL[:1],
        ],
    }
    return File(f"units/{names.stack.name}-{RESTART}", ini_text(section))


def _timer(unit: str, what: str, lines: list[Line], targets: list[str]) -> File:
    section = {
        "Unit": [("Description", what.replace("%", "%%")), *(("PartOf", one) for one in targets)],
        "Timer": [*lines, ("Unit", f"{unit}.service")],
        "Install": [("WantedBy", one) for one in targets],
    }
    return File(f"units/{unit}.timer", ini_text(section))
