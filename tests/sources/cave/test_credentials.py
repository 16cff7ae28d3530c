"""Tokens: hidden everywhere, and where to get one."""

from __future__ import annotations

import pickle

import pytest

from connectome_graph.sources.cave._credentials import RefusedToken, Token, find_token, refusal

SECRET = "f00dfeedf00dfeedf00dfeedf00dfeed"


def test_a_token_shows_itself_to_nobody() -> None:
    token = Token(SECRET)
    assert SECRET not in f"{token} {token!r} {[token]}"
    assert token.reveal() == SECRET
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(token)
    assert not hasattr(token, "__dict__")
    assert token.scrub(f"a {SECRET} b {SECRET}") == "a [token hidden] b [token hidden]"


def test_an_empty_token_scrubs_nothing() -> None:
    assert Token("").scrub("text") == "text"


def test_the_refusal_names_both_addresses() -> None:
    error = refusal("no token", server="https://a.org/", datastack="x", terms="https://a.org/tos")
    assert isinstance(error, RefusedToken)
    assert "https://a.org/auth/api/v1/create_token" in str(error)
    assert "https://a.org/tos" in str(error)


def test_a_given_token_is_taken_without_caveclient() -> None:
    found = find_token(SECRET, server="https://a.org", datastack="x", terms=None)
    assert found.reveal() == SECRET
    again = find_token(found, server="https://a.org", datastack="x", terms=None)
    assert again.reveal() == SECRET


@pytest.mark.parametrize("bad", ["", "  ", f"{SECRET}\nmore", f"{SECRET} more", "tökén"])
def test_what_cannot_be_a_token_is_refused_unseen(bad: str) -> None:
    with pytest.raises(RefusedToken) as caught:
        find_token(bad, server="https://a.org", datastack="x", terms=None)
    assert SECRET not in str(caught.value)
    assert "tökén" not in str(caught.value)
