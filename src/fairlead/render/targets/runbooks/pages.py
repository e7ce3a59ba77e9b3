"""The runbooks that are about the stack rather than an alert: releasing, scaling, stores, certificates, disasters."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.kit.quantity import format_cpu, format_percent, format_size
from fairlead.render.cluster.addresses import host, is_outside
from fairlead.render.cluster.cluster import Cluster
from fairlead.render.targets.runbooks.words import Page, duration, shell, table
from fairlead.stack.model.store import Backup, Store


def deploying(told: Page) -> str:
    """How a version gets in, and back."""
    rows = [
        [name, service.release.strategy, f"{service.scale.min}", duration(service.release.watch),
         duration(service.release.keep_warm), "yes" if service.release.migrate else "no"]
        for name, service in told.services()
    ]  # fmt: skip
    first = next((name for name, _ in told.services()), "")
    approve = told.stack.pipeline.approve if told.stack.pipeline else []
    people = [f"A person approves releases to {', '.join(approve)}."] if approve else []
    return told.text(
        "Deploying",
        table(["service", "strategy", "instances", "watched for", "way back kept for", "changes data"], rows),
        people,
        ["## On one machine"],
        shell(
            f"{told.fairlead} check",
            f"{told.fairlead} plan",
            *(f"{told.fairlead} deploy {name}" for name, _ in told.services()),
            f"{told.fairlead} status --watch",
        ),
        ["## In a cluster"],
        shell(
            f"{told.fairlead} render kubernetes --check",
            f"kubectl diff -k rendered/kubernetes/{_folder(told)}",
            f"kubectl apply -k rendered/kubernetes/{_folder(told)}",
            *(_watch(told, name) for name, _ in told.services()),
        ),
        ["## Back"],
        [f"A judged release takes itself back. By hand, `{told.fairlead} abort {first}` while it is under way, then:"],
        shell(*(line for name, _ in told.services() for line in (f"{told.fairlead} rollback {name}", told.undo(name)))),
        ["A change of data goes back only where `release.migrate.down` says how."],
    )


def _folder(told: Page) -> str:
    return told.scene.environment or "base"


def _watch(told: Page, name: str) -> str:
    if told.is_rollout(name):
        return f"kubectl argo rollouts status {name} -n {Cluster(told.scene).namespace}"
    return f"{told.kubectl} rollout status {told.workload(name)}"


def scaling(told: Page) -> str:
    """Between which bounds, by what, and by hand."""
    rows = []
    for name, service in told.services():
        scale, used = service.scale, service.resources
        targets = [f"CPU {format_percent(scale.targets.cpu)}"] if scale.targets.cpu is not None else []
        targets += [f"memory {format_percent(scale.targets.memory)}"] if scale.targets.memory is not None else []
        others = {"requests/s": scale.targets.requests_per_second, "in flight": scale.targets.in_flight,
                  "queue": scale.targets.queue}  # fmt: skip
        targets += [f"{what} {value:g}" for what, value in others.items() if value is not None]
        cpu = format_cpu(used.cpu.limit) if used.cpu.limit else "default"
        memory = format_size(used.memory.limit) if used.memory.limit else "default"
        rows.append([name, f"{scale.min}", f"{scale.max or scale.min}", ", ".join(targets) or "by hand", cpu, memory])
    whole = told.stack.objectives
    built = [f"Built for {whole.requests_per_second:g} requests per second."] if whole.requests_per_second else []
    built += [f"Built for {whole.concurrent_users} users at once."] if whole.concurrent_users else []
    commands = []
    for name, service in told.services():
        more = (service.scale.max or service.scale.min) + 1
        commands.append(f"{told.fairlead} scale {name}={service.scale.min + 1}")
        if service.scale.max and service.scale.max > service.scale.min:
            patch = f'{{"spec":{{"maxReplicas":{more}}}}}'
            commands.append(f"{told.kubectl} patch hpa {name} --type merge -p '{patch}'")
        else:
            commands.append(f"{told.kubectl} scale {told.workload(name)} --replicas={service.scale.min + 1}")
    return told.text(
        "Scaling",
        table(["service", "least", "most", "by", "CPU limit", "memory limit"], rows),
        built,
        ["## By hand"],
        shell(f"{told.fairlead} status", f"{told.kubectl} get hpa,pods", *commands),
        ["What is set by hand holds until the next release: write it to `scale` in the stack file."],
        ["More instances hold more connections: look at the limits of the stores before the double of what there is."],
    )


def databases(told: Page) -> str:
    """Looking at stores, and keeping them in order."""
    rows = [
        [name, store.kind, store.version or "newest", f"{store.replicas}", _disk(store),
         "somebody else's" if is_outside(store) else "ours"]
        for name, store in told.stack.stores.items()
    ]  # fmt: skip
    parts: list[list[str]] = []
    for name, store in told.stack.stores.items():
        if lines := list(_look(told, name, store)):
            parts += [[f"## {name}"], shell(*lines)]
    order = [
        "1. Take a backup, and see that it is there.",
        "2. Change one server at a time, replicas first; wait until it has caught up.",
        "3. Watch connections, lag and errors for as long as the release of a service is watched.",
    ]
    first = ["## Before any change", *order]
    grow = ["To grow a disk, raise the store's `size` and apply; it can't shrink."]
    return told.text("Database maintenance", table(["store", "kind", "version", "servers", "disk", "run by"], rows),
                     first, grow, *parts)  # fmt: skip


def _disk(store: Store) -> str:
    return format_size(store.size) if store.size else "default"


def _look(told: Page, name: str, store: Store) -> Iterator[str]:
    server = host(Cluster(told.scene), name, store)
    yield f"{told.fairlead} status"
    if is_outside(store):
        return
    match store.kind:
        case "postgres":
            ask = "select state, count(*), max(now() - state_change) from pg_stat_activity group by state"
            if told.stack.kubernetes.stores == "operators":
                yield f"{told.kubectl} get cluster {name}"
                yield f"{told.kubectl} exec {name}-1 -c postgres -- psql -d {store.database} -c '{ask}'"
                yield f"{told.kubectl} exec {name}-1 -c postgres -- vacuumdb --analyze-in-stages -d {store.database}"
            else:
                yield f"{told.kubectl} exec {name}-0 -- psql -U {store.database} -c '{ask}'"
        case "redis":
            told_info = 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli info memory'
            yield f"{told.kubectl} exec {name}-0 -- sh -c '{told_info}'"
        case "kafka":
            yield f"{told.kubectl} get pods -l app.kubernetes.io/name={name}"
            yield f"{told.kubectl} get pods -l strimzi.io/cluster={name}"
        case _:
            yield f"{told.kubectl} get pods | grep {server.removesuffix('-es-http')}"


def certificates(told: Page) -> str:
    """Who renews them, and what to do when nobody did."""
    router = told.stack.router
    hosts = sorted({e.host for _, service in told.services() for e in service.expose if e.host != "*"})
    tls = router.tls
    parts = [[f"Hosts: {', '.join(hosts) or 'any'}. TLS {tls.minimum if tls else '1.2'} at the least."]]
    if tls and tls.issuer:
        parts.append([f"cert-manager renews them by its ClusterIssuer `{tls.issuer}`, 30 days before they end."])
        parts.append(
            shell(
                f"{told.kubectl} get certificates,certificaterequests,orders,challenges",
                f"{told.kubectl} describe certificates",
                "kubectl -n cert-manager logs deployment/cert-manager --since=1h",
                f"cmctl renew --all -n {Cluster(told.scene).namespace}",
            )
        )
    if tls and tls.certificate:
        parts.append([f"On one machine: put the new chain at `{tls.certificate}` and its key at `{tls.key}`, then:"])
        parts.append(shell(f"{told.fairlead} check", f"{told.fairlead} up"))
    if not tls:
        parts.append(["The stack has no TLS of its own: what stands in front of it has the certificates."])
    address = hosts[0] if hosts else "localhost"
    look = f"openssl s_client -connect {address}:{router.https or 443} -servername {address} </dev/null"
    return told.text("Certificates", *parts, ["## When does it end?"], shell(f"{look} | openssl x509 -noout -enddate"))


def disaster(told: Page) -> str:
    """What may be lost, how long it may take, and the way back."""
    recovery = told.stack.recovery
    promised = [["everything", duration(recovery.rpo), duration(recovery.rto), *_saved(told.stack.cluster_backup)]]
    for name, store in told.stack.stores.items():
        own = store.recovery
        promised.append([name, duration(own.rpo or recovery.rpo), duration(own.rto or recovery.rto),
                         *_saved(store.backup or told.stack.backup)])  # fmt: skip
    namespace = Cluster(told.scene).namespace
    steps = [
        "1. Say so: " + told.who("critical") + ".",
        "2. Stop what makes it worse: no release, no automatic cleaning.",
        "3. Decide the moment to go back to: the newest backup before the damage.",
        "4. Bring back the cluster's objects, then stores, then services, in the order of `needs`.",
        "5. Check with real requests, open the entrance, and write down what was lost.",
    ]
    region = recovery.failover_region
    other = [f"Another region, {region}, takes over: point the DNS names at its entrance, then go on there."]
    drill = [f"Prove it every {duration(recovery.drill)}: restore into an empty namespace, and time it."]
    frameworks = ", ".join(one.upper() for one in told.stack.security.frameworks)
    rules = [f"Under {frameworks}: keep the record of the incident, and tell the people whose data is concerned."]
    return told.text(
        "Disaster recovery",
        table(["what", "loss at most", "back within", "saved", "kept", "where"], promised),
        ["## In this order"],
        steps,
        shell(
            "velero backup get",
            f"velero restore create --from-backup NAME --include-namespaces {namespace}",
            *_restores(told),
            *(_watch(told, name) for name, _ in told.services()),
        ),
        [*(other if region else [])],
        [*(drill if recovery.drill else [])],
        [*(rules if frameworks else [])],
    )


def _saved(policy: Backup | None) -> list[str]:
    if policy is None:
        return ["never", "-", "-"]
    when = policy.at or (f"every {duration(policy.every)}" if policy.every else "by hand")
    where = [policy.where or "beside the state folder", *([f"and in {policy.region}"] if policy.region else [])]
    moment = ", any moment" if policy.point_in_time else ""
    return [when + moment, duration(policy.keep), " ".join(where)]


def _restores(told: Page) -> Iterator[str]:
    for name, store in told.stack.stores.items():
        if is_outside(store):
            yield f"# {name}: restored by who runs it"
        elif store.kind == "postgres" and told.stack.kubernetes.stores == "operators":
            yield f"{told.kubectl} get backups -l cnpg.io/cluster={name}"
        elif store.backup or told.stack.backup:
            yield f"{told.kubectl} get pvc -l app.kubernetes.io/name={name}"
