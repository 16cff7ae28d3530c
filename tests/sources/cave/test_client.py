"""The connection: opened late, patient, timed, and silent about its token."""

from __future__ import annotations

import dataclasses
import io
import logging
import time
from pathlib import Path

import pytest
from cave_server import TOKEN, Fault, World

from connectome_graph.errors import MissingDependency, RemoteError, UnknownName
from connectome_graph.sources.cave import FetchOptions, RefusedToken
from connectome_graph.sources.cave._client import Connection
from connectome_graph.sources.cave._query import NANOMETRES

VERSIONS = "/minnie65_public/versions$"


def connected(world: World, options: FetchOptions, *, token: str | None = TOKEN) -> Connection:
    return Connection(world.stack(), token=token, options=options)


def versions(connection: Connection) -> list[int]:
    return connection.call(lambda c: list(c.materialize.get_versions()), what="listing versions")


def test_nothing_is_sent_before_the_first_call(served: World, options: FetchOptions) -> None:
    connection = connected(served, options)
    assert not connection.is_open
    assert served.cave.log == []
    assert versions(connection) == [1507, 1718]
    assert connection.is_open


def test_the_users_map_of_servers_is_not_written(
    served: World, options: FetchOptions, tmp_path: Path
) -> None:
    versions(connected(served, options))
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("path", ["info", "materialize/version", VERSIONS])
def test_a_busy_server_is_asked_again(
    served: World, options: FetchOptions, status: int, path: str
) -> None:
    served.cave.faults = [Fault(path, times=2, status=status)]
    assert versions(connected(served, options)) == [1507, 1718]


def test_patience_ends_with_a_sentence(served: World, options: FetchOptions) -> None:
    served.cave.faults = [Fault(VERSIONS, times=-1, status=503, message="down for repairs")]
    with pytest.raises(RemoteError, match=r"failed 6 times .*503.*down for repairs"):
        versions(connected(served, options))
    assert len(served.cave.requests(VERSIONS)) >= 6


def test_an_error_that_stays_is_not_asked_again(served: World, options: FetchOptions) -> None:
    connection = connected(served, options)
    versions(connection)
    before = len(served.cave.requests())
    served.cave.faults = [Fault(VERSIONS, times=-1, status=400, message="bad request")]
    with pytest.raises(RemoteError, match="400"):
        versions(connection)
    assert len(served.cave.requests()) == before + 1


def test_waiting_is_told_from_the_second_failure_on(
    served: World, options: FetchOptions, caplog: pytest.LogCaptureFixture
) -> None:
    connection = connected(served, options)
    versions(connection)
    served.cave.faults = [Fault(VERSIONS, times=1, status=503)]
    versions(connection)
    assert caplog.records == []
    served.cave.faults = [Fault(VERSIONS, times=2, status=503, message=f"token {TOKEN}")]
    versions(connection)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "listing versions failed 2 times (HTTP 503" in caplog.text
    assert TOKEN not in caplog.text


def test_retry_after_is_obeyed(served: World, options: FetchOptions, waits: list[float]) -> None:
    served.cave.faults = [
        Fault(VERSIONS, status=429, retry_after="3"),
        Fault(VERSIONS, status=503),
        Fault(VERSIONS, status=503),
    ]
    versions(connected(served, dataclasses.replace(options, backoff_s=1.0)))
    assert waits == [3.0, 2.0, 4.0]


def test_a_slow_server_times_out_and_is_asked_again(served: World, options: FetchOptions) -> None:
    short = dataclasses.replace(options, timeout_s=0.5)
    connection = connected(served, short)
    versions(connection)
    served.cave.faults = [Fault(VERSIONS, delay_s=1.5)]
    assert versions(connection) == [1507, 1718]
    served.cave.faults = [Fault(VERSIONS, times=-1, delay_s=1.5)]
    connection.options = dataclasses.replace(short, attempts=2)
    with pytest.raises(RemoteError, match="failed 2 times"):
        versions(connection)


def test_a_server_that_hangs_while_opening_times_out(served: World, options: FetchOptions) -> None:
    served.cave.faults = [Fault("materialize/version", times=-1, delay_s=3)]
    short = dataclasses.replace(options, timeout_s=0.3, attempts=1)
    started = time.monotonic()
    with pytest.raises(RemoteError, match="failed 1 times"):
        versions(connected(served, short))
    assert time.monotonic() - started < 2.5


def test_a_server_that_is_not_there_is_named(world: World, options: FetchOptions) -> None:
    pytest.importorskip("caveclient", reason="needs caveclient, which needs pandas 2")
    world.cave.url = "http://127.0.0.1:9"
    few = dataclasses.replace(options, attempts=2)
    with pytest.raises(RemoteError, match=r"failed 2 times at http://127.0.0.1:9"):
        versions(connected(world, few))


def test_an_unknown_datastack_is_named(served: World, options: FetchOptions) -> None:
    served.cave.datastack = "another"
    with pytest.raises(UnknownName, match="no datastack 'minnie65_public'"):
        versions(connected(served, options))


# ---------------------------------------------------------------- tokens
@pytest.mark.parametrize("refusal", ["redirect", "401", "403"])
def test_a_refused_token_says_where_to_get_one(
    served: World, options: FetchOptions, refusal: str
) -> None:
    served.cave.refusal = refusal
    with pytest.raises(RefusedToken) as caught:
        versions(connected(served, options, token="wrong" * 6))
    text = str(caught.value)
    assert f"{served.cave.url}/auth/api/v1/create_token" in text
    assert "https://global.daf-apis.com/sticky_auth/api/v1/tos/2/accept" in text
    assert "wrong" not in text


def test_missing_terms_name_the_servers_own_form_and_open_no_browser(
    served: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    import webbrowser

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    served.cave.refusal = "terms"
    with pytest.raises(RefusedToken, match="terms of use") as caught:
        versions(connected(served, options, token="wrong" * 6))
    assert f"{served.cave.url}/sticky_auth/api/v1/tos/2/accept" in str(caught.value)
    assert opened == []


def test_no_token_at_all_asks_nothing(served: World, options: FetchOptions) -> None:
    with pytest.raises(RefusedToken, match="there is no token on this computer"):
        versions(connected(served, options, token=None))
    assert served.cave.log == []


def test_a_damaged_secrets_file_is_a_refusal(
    served: World, options: FetchOptions, tmp_path: Path
) -> None:
    secrets = tmp_path / "home" / ".cloudvolume" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "cave-secret.json").write_text(f'{{"token": "{TOKEN}"')
    with pytest.raises(RefusedToken, match="cannot be read") as caught:
        versions(connected(served, options, token=None))
    assert TOKEN not in str(caught.value)


def test_the_stored_token_is_used(served: World, options: FetchOptions, tmp_path: Path) -> None:
    secrets = tmp_path / "home" / ".cloudvolume" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "cave-secret.json").write_text(f'{{"token": "{TOKEN}"}}')
    assert versions(connected(served, options, token=None)) == [1507, 1718]
    assert [file.name for file in secrets.iterdir()] == ["cave-secret.json"]


def test_a_token_that_stops_working_is_a_refusal_later_too(
    served: World, options: FetchOptions
) -> None:
    connection = connected(served, options)
    versions(connection)
    served.cave.token = "another" * 4
    for served.cave.refusal in ("redirect", "401", "terms"):
        with pytest.raises(RefusedToken):
            versions(connection)


def test_a_token_reaches_no_log_repr_or_error(
    served: World, options: FetchOptions, capfd: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        connection = connected(served, options)
        versions(connection)
        served.cave.faults = [
            Fault(VERSIONS, times=-1, status=500, message=f"your token is {TOKEN}")
        ]
        with pytest.raises(RemoteError) as caught:
            versions(connection)
        served.cave.faults = [Fault(VERSIONS, times=-1, status=400, message=f"token {TOKEN}")]
        with pytest.raises(RemoteError) as final:
            versions(connection)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    printed = capfd.readouterr()
    for text in (stream.getvalue(), printed.out, printed.err, repr(connection)):
        assert TOKEN not in text
    for error in (caught, final):
        assert TOKEN not in str(error.value)
        assert "[token hidden]" in str(error.value)
        assert error.value.__suppress_context__ or error.value.__cause__ is None


def test_positions_are_asked_for_in_nanometres() -> None:
    assert NANOMETRES == (1.0, 1.0, 1.0)


def test_an_old_caveclient_is_refused(
    served: World, options: FetchOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    import caveclient

    monkeypatch.setattr(caveclient, "__version__", "5.21.1")
    with pytest.raises(MissingDependency, match=r"caveclient 5\.21\.1 .* 'pandas<3'"):
        versions(connected(served, options))
