"""What the hook reads from a server's answer."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from connectome_graph.sources.cave._answers import (
    BEGIN_OF_STREAM,
    END_OF_STREAM,
    OVER_A_MINUTE_S,
    AnswerWatch,
    BrokenAnswer,
    SlowDown,
    retry_after,
)
from connectome_graph.sources.cave._credentials import RefusedToken


def response(status: int = 200, content: bytes = b"", **headers: str) -> Any:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    if "dataframe-resolution" in named:
        named["dataframe_resolution"] = named.pop("dataframe-resolution")
    return SimpleNamespace(
        status_code=status,
        ok=status < 400,
        is_redirect=status in (301, 302),
        headers=named,
        content=content,
        text=content.decode(errors="replace"),
        json=dict,
    )


@pytest.fixture
def watch() -> AnswerWatch:
    return AnswerWatch(lambda problem, terms: RefusedToken(problem), lambda text: text)


def test_a_row_limit_is_read_and_taken_out(watch: AnswerWatch) -> None:
    limited = response(
        Warning='Table Owner Notice on x: cite us, 201 - "Limited query to 500000 rows',
        dataframe_resolution="1.0, 1.0, 1.0",
    )
    watch(limited)
    assert watch.row_limit == 500_000
    assert watch.resolution == (1.0, 1.0, 1.0)
    assert "Warning" not in limited.headers


def test_a_notice_of_the_owner_is_no_limit(watch: AnswerWatch) -> None:
    watch(response(Warning="Table Owner Notice on x: version 201 is old"))
    assert watch.row_limit is None


def test_a_later_answer_without_headers_forgets_nothing_by_itself(watch: AnswerWatch) -> None:
    watch(response(Warning='201 - "Limited query to 7 rows'))
    watch(response())
    assert watch.row_limit == 7
    watch.forget()
    assert watch.row_limit is None


def test_threads_do_not_see_each_other(watch: AnswerWatch) -> None:
    watch(response(Warning='201 - "Limited query to 7 rows'))
    seen: list[int | None] = []
    thread = threading.Thread(target=lambda: seen.append(watch.row_limit))
    thread.start()
    thread.join()
    assert seen == [None]


def test_a_stream_without_its_end_is_broken(watch: AnswerWatch) -> None:
    whole = BEGIN_OF_STREAM + b"rows" + END_OF_STREAM
    watch(response(content=whole, Content_Type="data.arrow"))
    with pytest.raises(BrokenAnswer, match="ended early"):
        watch(response(content=whole[:-3], Content_Type="data.arrow"))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_worth_another_attempt(watch: AnswerWatch, status: int) -> None:
    with pytest.raises(SlowDown) as caught:
        watch(response(status, Retry_After="2"))
    assert caught.value.wait_s == 2.0


@pytest.mark.parametrize("status", [302, 401, 403])
def test_a_refusal_is_one(watch: AnswerWatch, status: int) -> None:
    with pytest.raises(RefusedToken):
        watch(response(status))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0.0), ("7.5", 7.5), ("9999", 9999.0), ("-3", 0.0), ("soon", None), ("nan", None)],
)
def test_retry_after_in_seconds(header: str, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_retry_after_as_a_date_counts_from_the_servers_own_clock() -> None:
    date = "Wed, 25 Nov 2026 10:00:00 GMT"
    assert retry_after("Wed, 25 Nov 2026 10:01:40 GMT", date=date) == 100.0
    assert retry_after("Wed, 25 Nov 2026 09:59:00 GMT", date=date) == 0.0
    assert retry_after("Wed, 25 Nov 2020 09:59:00 GMT") == 0.0


def test_too_many_requests_without_a_time_wait_for_more_than_a_minute(watch: AnswerWatch) -> None:
    with pytest.raises(SlowDown) as caught:
        watch(response(429))
    assert caught.value.wait_s == OVER_A_MINUTE_S > 60
    with pytest.raises(SlowDown) as caught:
        watch(response(503))
    assert caught.value.wait_s is None
