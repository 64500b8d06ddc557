"""A socket that a service manager bound: taken where it is what the settings say, else named."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from ttr_tui.callback import inherited
from ttr_tui.errors import ListenFailed

HOST = "127.0.0.1"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening socket."""
    with socket.create_server((HOST, 0)) as bound:
        yield bound


def handed_over(descriptor: int) -> int:
    """Return a copy of `descriptor` that a child would inherit."""
    copy = os.dup(descriptor)
    os.set_inheritable(copy, True)
    return copy


def told(count: str = "1", process: int | None = None) -> dict[str, str]:
    """What a service manager says, and one word of somebody else's."""
    named = str(os.getpid() if process is None else process)
    return {"LISTEN_PID": named, "LISTEN_FDS": count, "LISTEN_FDNAMES": "x", "LANG": "C"}


@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_the_socket_is_taken_and_nobody_else_is_told(listener: socket.socket, host: str) -> None:
    """Neither the variables nor the descriptor reach a child of ours."""
    environ = told()
    listen, copy = (host, listener.getsockname()[1]), handed_over(listener.fileno())
    taken = inherited.inherited_socket(environ, listen, copy)
    assert taken is not None
    with taken:
        assert taken.getsockname() == listener.getsockname()
        assert not taken.get_inheritable()
    assert environ == {"LANG": "C"}


@pytest.mark.parametrize("environ", [{}, told(process=1), told(count="0"), told(count="")])
def test_what_was_not_handed_to_us_is_left_alone(environ: dict[str, str]) -> None:
    """Started by hand, or below a program that was: a socket of our own is made."""
    assert inherited.inherited_socket(environ, (HOST, 8400)) is None
    assert not [name for name in environ if name.startswith("LISTEN_")]


def test_another_port_than_the_settings_say_is_refused(listener: socket.socket) -> None:
    """Other programs of ours would look for this one where it is not."""
    port = listener.getsockname()[1]
    with pytest.raises(ListenFailed) as refused:
        inherited.inherited_socket(told(), (HOST, port + 1), handed_over(listener.fileno()))
    sentence = refused.value.sentence()
    assert f"listens on {HOST}:{port}, and TTR_CALLBACK_LISTEN says {HOST}:{port + 1}." in sentence
    assert "ListenStream=" in sentence


def test_another_address_than_the_settings_say_is_refused(listener: socket.socket) -> None:
    """What may listen beyond loopback was decided when the settings were checked."""
    everywhere = ("0.0.0.0", listener.getsockname()[1])  # noqa: S104 - not listened on
    with pytest.raises(ListenFailed, match="TTR_CALLBACK_LISTEN says"):
        inherited.inherited_socket(told(), everywhere, handed_over(listener.fileno()))


def test_two_sockets_are_one_too_many() -> None:
    """Nobody would know which of them browsers come to."""
    with pytest.raises(ListenFailed, match="2 sockets instead of one"):
        inherited.inherited_socket(told(count="2"), (HOST, 8400))


def test_a_socket_that_does_not_listen_is_refused() -> None:
    """Neither a connection (Accept=yes) nor a Unix socket is what we serve on."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        copy = handed_over(ours.fileno())
        with pytest.raises(ListenFailed, match="does not listen on a TCP port"):
            inherited.inherited_socket(told(), (HOST, 8400), copy)


def test_what_is_no_socket_is_refused() -> None:
    """A sentence, not a traceback."""
    with open(os.devnull) as nothing:  # noqa: PTH123 - its descriptor is wanted
        copy = handed_over(nothing.fileno())
        with pytest.raises(ListenFailed, match="is no socket"):
            inherited.inherited_socket(told(), (HOST, 8400), copy)
        os.close(copy)
