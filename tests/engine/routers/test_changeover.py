"""Whatever routing follows whatever other, no configuration on the way has nowhere to go."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from fairlead.engine.router import Backend, Endpoint, Entrance, Mirror, Routing, Rule, Upstream
from fairlead.engine.routers.changeover import addresses, stages
from fairlead.engine.routers.config import Config, config
from fairlead.engine.routers.files import Files

FOLDER = Path("/somewhere")

endpoints = some.builds(
    lambda number, draining: Endpoint(f"i{number}", "127.0.0.1", 9000 + number, draining),
    some.integers(0, 4),
    some.booleans(),
)
backends = some.builds(
    Backend,
    some.sampled_from(["v1", "v2", "v3"]),
    some.sampled_from([0.0, 0.5, 50.0, 100.0]),
    some.lists(endpoints, max_size=3, unique_by=lambda one: one.instance).map(tuple),
)
upstreams = some.builds(
    lambda service, protocol, found, mirror: Upstream(
        service, protocol, protocol, 2000 + len(service), tuple(found), mirror=mirror
    ),
    some.sampled_from(["a", "bb", "ccc"]),
    some.sampled_from(["http", "grpc", "tcp"]),
    some.lists(backends, max_size=3, unique_by=lambda one: one.version),
    some.none() | some.builds(Mirror, some.sampled_from(["v1", "v2"]), some.sampled_from([0.0, 50.0]), some.just(1.0)),
)
routings = some.builds(
    lambda found, ports, addresses: Routing(
        tuple(Entrance("127.0.0.1", port) for port in ports),
        tuple(found),
        tuple(Rule("*", f"/{one.service}", one.name) for one in found),
        local_addresses=("127.0.0.1", *addresses),
    ),
    some.lists(upstreams, max_size=3, unique_by=lambda one: one.service),
    some.lists(some.sampled_from([80, 81]), max_size=2, unique=True),
    some.sampled_from([(), ("127.0.0.2",)]),
)


def targets(found: Config) -> list[str]:
    """The clusters that requests are sent to."""
    routes = [route for table in found.routes.values() for host in table["virtual_hosts"] for route in host["routes"]]
    actions = [route["route"] for route in routes if "route" in route]
    chains = [one["filter_chains"][0]["filters"][0]["typed_config"] for one in found.listeners.values()]
    split = [one["weighted_clusters"]["clusters"] for one in [*actions, *chains] if "weighted_clusters" in one]
    return [cluster["name"] for clusters in split for cluster in clusters]


def copies(found: Config) -> list[str]:
    """The clusters that copies are sent to."""
    routes = [route for table in found.routes.values() for host in table["virtual_hosts"] for route in host["routes"]]
    policies = [one for route in routes for one in route.get("route", {}).get("request_mirror_policies", [])]
    return [policy["cluster"] for policy in policies]


def live(found: Config, cluster: str) -> set[tuple[str, int]]:
    return {address for address, draining in addresses(found.endpoints[cluster]).items() if not draining}


@settings(max_examples=300, deadline=None)
@given(routings, routings)
def test_every_target_on_the_way_exists_and_has_a_live_endpoint(old: Routing, new: Routing) -> None:
    """At every stage, and while one stage follows another: routes and endpoints are not read at the same instant."""
    way = [config(old, FOLDER), *stages(config(old, FOLDER), config(new, FOLDER))]

    for stage in way:
        assert all(live(stage, cluster) for cluster in targets(stage))
        assert all(cluster in stage.clusters and cluster in stage.listeners for cluster in copies(stage))
    for before, after in pairwise(way):
        for cluster in targets(before):
            assert cluster not in after.clusters or live(after, cluster) or cluster not in targets(after)


@settings(max_examples=300, deadline=None)
@given(routings, routings)
def test_the_way_ends_with_what_was_wanted(old: Routing, new: Routing) -> None:
    """And is empty of detours when both are equal."""
    way = list(stages(config(old, FOLDER), config(new, FOLDER)))

    assert way[-1] == config(new, FOLDER)
    if old == new:
        assert len(way) == 1


@settings(max_examples=100, deadline=None)
@given(routings, routings)
def test_a_way_that_was_left_half_way_is_finished_from_there(old: Routing, new: Routing) -> None:
    """From any stage, as after a kill, there is again a whole way to any routing."""
    for stage in stages(config(old, FOLDER), config(new, FOLDER)):
        for wanted in (config(new, FOLDER), config(old, FOLDER)):
            rest = list(stages(stage, wanted))
            assert rest[-1] == wanted
            assert all(live(found, cluster) for found in rest for cluster in targets(found))


def test_changing_shares_touches_routes_only() -> None:
    """No listener is drained and no cluster is built anew by a shift."""
    before, after = (config(Routing(upstreams=(upstream(share),)), FOLDER) for share in (0.0, 1.0))

    assert before.listeners == after.listeners
    assert before.clusters == after.clusters
    assert before.endpoints == after.endpoints
    assert len(list(stages(before, after))) == 1


def upstream(share: float) -> Upstream:
    one, two = Endpoint("one", "127.0.0.1", 9001), Endpoint("two", "127.0.0.1", 9002)
    return Upstream("a", "http", "http", 2000, (Backend("v1", 100, (one,)), Backend("v2", share, (two,))))


def test_a_configuration_comes_back_from_its_files(tmp_path: Path) -> None:
    """Names of versions may have dots, slashes and spaces in them."""
    files = Files(tmp_path)
    files.prepare()
    odd = Upstream("a", "http", "http", 2000, (Backend("v1.2/x y", 1, (Endpoint("one", "127.0.0.1", 9001),)),))
    wanted = config(Routing((Entrance("127.0.0.1", 80),), (odd,), (Rule("*", "/", "a.http"),)), tmp_path)

    files.save(wanted)

    assert files.load() == wanted
    assert files.load().revision == wanted.revision


def test_a_damaged_file_is_written_again(tmp_path: Path) -> None:
    """A half-written file, left by a full disk or a lost machine, is as good as none."""
    files = Files(tmp_path)
    files.prepare()
    wanted = config(Routing(upstreams=(upstream(1.0),)), tmp_path)
    files.save(wanted)
    (tmp_path / "cds.json").write_text('{"resources": [')

    assert files.load() != wanted
    files.save(wanted)
    assert files.load() == wanted


def test_files_that_nothing_points_at_are_removed(tmp_path: Path) -> None:
    """A service that is gone leaves nothing behind."""
    files = Files(tmp_path)
    files.prepare()
    files.save(config(Routing(upstreams=(upstream(1.0),)), tmp_path))

    files.save(Config())

    assert sorted(path.name for path in tmp_path.rglob("*.json")) == ["cds.json", "lds.json"]
