"""Routes over HTTP: who answers, who can't be asked, and another configuration."""

from __future__ import annotations

from .conftest import ADMIN, SAID, Starts

MORE = """
admin_key: ADMIN
providers:
  echo: {}
  far: {kind: openai, url: 'http://127.0.0.1:9/v1', keys: [{env: FAR}]}
models:
  quick: echo/echo
  dear: {targets: [far/gpt-4o], fallbacks: [echo/echo], tags: [night]}
  broken: {targets: [far/who-knows], retries: 0}
"""
FAR = "made-up-" + "of-far"


async def test_routes_tell_targets_prices_and_breakers(starts: Starts) -> None:
    """A provider that nobody could reach is seen to rest; no key of a provider is told."""
    running = await starts(MORE, environ={"ADMIN": ADMIN, "FAR": FAR})
    key = await running.makes("bob")
    while (await running.asks(key, "broken")).status_code != 503:  # five failures open it
        pass
    told = await running.admin.get("/admin/routes")
    said = told.json()
    dear = next(one for one in said["models"] if one["model"] == "dear")
    assert dear["targets"][0]["to"] == "far/gpt-4o"
    assert dear["targets"][0]["price"] == {"input": 2.5, "output": 10.0}  # openai.com/api/pricing
    assert (dear["fallbacks"][0]["to"], dear["tags"]) == ("echo/echo", ["night"])
    broken = next(one for one in said["models"] if one["model"] == "broken")
    assert broken["targets"][0]["price"] is None
    [lane] = next(one for one in said["providers"] if one["name"] == "far")["keys"]
    assert (lane["variable"], lane["state"]) == ("FAR", "open")
    assert lane["asked_again_in_s"] > 0
    assert FAR not in told.text


async def test_a_reload_takes_a_right_file_and_tells_what_is_wrong_with_another(starts: Starts) -> None:
    """The old one stays then, and its problems stand with the routes."""
    running = await starts()
    running.file.write_text(SAID + "  third: echo/echo\n")
    assert (await running.admin.post("/admin/reload")).json() == {"models": 3, "providers": 1}
    running.file.write_text(SAID + "  third: eco/echo\nmodel: {}\n")
    told = await running.admin.post("/admin/reload")
    assert (told.status_code, told.json()["error"]["code"]) == (422, "misconfigured")
    assert "model: unknown key" in str(told.json()["error"]["problems"])
    said = await running.tells("/admin/routes")
    assert [one["model"] for one in said["models"]] == ["other", "quick", "third"]
    assert said["problems"]


async def test_what_is_not_there_is_told_with_what_is(starts: Starts) -> None:
    """Paths, methods, bodies and parameters that nobody takes."""
    running = await starts()
    assert (await running.admin.get("/admin/nothing")).status_code == 404
    told = await running.admin.delete("/admin/keys")
    assert (told.status_code, told.json()["error"]["message"]) == (405, "this path is asked by GET, POST")
    assert (await running.admin.get("/admin/routes?x=1")).status_code == 400
    assert (await running.admin.request("GET", "/admin/routes", json={"x": 1})).status_code == 400
    assert (await running.admin.head("/admin/routes")).status_code == 200
