"""Every fault of a value: named, with its cure, never with the value."""

from __future__ import annotations

import os
import secrets
import uuid
from datetime import date
from pathlib import Path

import pytest

from tests.settings.conftest import REDIRECTS, Read, problems
from ttr_tui.settings import CLOUDS, read_settings
from ttr_tui.settings.names import KNOWN
from ttr_tui.settings.names import REDIRECTS as NAMES

SECRET = "MS_GRAPH_CLIENT_SECRET"
CLIENT = "MS_GRAPH_CLIENT_ID"
BULK = "MS_GRAPH_REDIRECT_FOR_BULK"


@pytest.mark.parametrize("name", [CLIENT, SECRET, *NAMES.values()])
def test_missing_and_empty_required_values_are_faults(read: Read, name: str) -> None:
    """The two are told apart."""
    assert problems(read(**{name: None})) == [(name, "is missing")]
    assert problems(read(**{name: ""})) == [(name, "is empty")]
    assert problems(read(**{name: "''"})) == [(name, "is empty")]


@pytest.mark.parametrize("name", [CLIENT, SECRET, *NAMES.values()])
@pytest.mark.parametrize("pair", ["’’", "‘’", "“”", "´´", "„“"])
def test_curly_quotes_are_named(read: Read, right: dict[str, str], name: str, pair: str) -> None:
    """Documents and mail print them, and copying takes them along."""
    settings = read(**{name: f"{pair[0]}{right[name]}{pair[1]}"})
    assert (name, "stands in curly quotes, as documents print them") in problems(settings)
    assert settings.registration is None


@pytest.mark.parametrize("name", ["TTR_HOSTING", "TTR_DATA_DIR", "MS_GRAPH_CLOUD"])
def test_curly_quotes_are_named_around_optional_values_too(read: Read, name: str) -> None:
    """A path in curly quotes would otherwise be a directory of that strange name."""
    settings = read(**{name: "’saas’"})
    assert (name, "stands in curly quotes, as documents print them") in problems(settings)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        (CLIENT, "’Azure Application ID", "still holds a placeholder"),
        (SECRET, "’Azure Application Secret", "still holds a placeholder"),
        (BULK, "https://portal-url/tools", 'still holds "portal-url"'),
        (BULK, "https://<portal>/tools", "still holds a placeholder"),
        (BULK, "https://your-domain/tools", "still holds a placeholder"),
        (BULK, "https://.../tools", "still holds a placeholder"),
        (CLIENT, "00000000-0000-0000-0000-000000000000", "still holds a placeholder"),
        (CLIENT, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "still holds a placeholder"),
        (SECRET, "changeme", "still holds a placeholder"),
        (SECRET, "${SECRET}", "still holds a placeholder"),
        (SECRET, "two words", "holds a space or a character that is no plain one"),
        (SECRET, "nbsp\u00a0in", "holds a space or a character that is no plain one"),
        (CLIENT, "3f2504e0-4f89-11d3-9a0c", "is not a GUID"),
        (SECRET, "7a9b1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d", "is shaped like the secret's ID"),
        ("TTR_HOSTING", "cloud", "is neither self nor saas"),
        ("MS_GRAPH_CLOUD", "mars", "names no cloud"),
        ("TTR_CALLBACK_LISTEN", "8400", "is not an address and a port"),
        ("TTR_CALLBACK_LISTEN", "127.0.0.1:0", "has no usable port"),
        ("TTR_CALLBACK_LISTEN", "127.0.0.1:99999", "has no usable port"),
        ("TTR_CALLBACK_LISTEN", "127.0.0.1:port", "has no usable port"),
        ("TTR_CALLBACK_LISTEN", "portal:8400", "is not an address and a port"),
        ("TTR_PROXY_ADDRESS", "10.0.0.1, proxy", "holds something that is no IP address"),
        ("TTR_CA_FILE", "nowhere.pem", "names no file with CA certificates"),
        ("TTR_CALLBACK_TLS_CERT", "cert.pem", "is missing beside TTR_CALLBACK_TLS_CERT"),
        ("TTR_CALLBACK_TLS_KEY", "key.pem", "is missing beside TTR_CALLBACK_TLS_KEY"),
    ],
)
def test_each_slip_is_named(read: Read, name: str, value: str, problem: str) -> None:
    """A fault says which setting, what is wrong with it, and has a cure."""
    settings = read(**{name: value})
    assert problem in [fault.problem for fault in settings.faults]
    assert all(fault.cure.endswith((".", ":")) for fault in settings.faults)
    assert settings.registration is None
    assert settings.redirects == {}


@pytest.mark.parametrize(
    "value",
    [
        "https://exchange-messages.contoso.com/x",
        "https://portal.contoso.com/todo/bulk",
        "https://your-business.example/bulk",
    ],
)
def test_real_names_are_not_taken_for_placeholders(read: Read, value: str) -> None:
    """A portal may be called almost anything."""
    assert "still holds a placeholder" not in [f.problem for f in read(**{BULK: value}).faults]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("http://portal.contoso.com/b", "is not https"),
        ("ftp://portal.contoso.com/b", "is not an https URL"),
        ("portal.contoso.com/b", "is not an https URL"),
        ("https://portal.contoso.com", "has no path"),
        ("https://portal.contoso.com/", "has no path"),
        ("https://portal.contoso.com/b?x=1", "carries a query or a fragment"),
        ("https://portal.contoso.com/b?", "carries a query or a fragment"),
        ("https://portal.contoso.com/b#x", "carries a query or a fragment"),
        ("https://anna@portal.contoso.com/b", "carries a user name"),
        ("https://portal.contoso.com/" + "b" * 230, "is longer than 256 characters"),
        ("https://portal.contoso.com/b!", "holds a character that Microsoft refuses"),
        ("https://portal.contoso.com/b(1)", "holds a character that Microsoft refuses"),
        ("https://*.contoso.com/b", "holds a character that Microsoft refuses"),
        ("https://portal.contoso.com/a/../b", "has a path with . or .. in it"),
        ("https://portal.contoso.com:0/b", "names no host or no usable port"),
        ("https://portal.contoso.com:99999/b", "is not a URL"),
        ("https:///b", "names no host or no usable port"),
        ("http://[::1]:8400/b", "names [::1], which Microsoft refuses"),
        ("https://portal.contoso.com:8443/b", "has another port than the other redirect URLs"),
        ("https://other.contoso.com/b", "has another host than the other redirect URLs"),
        ("https://portal.contoso.com/msgraph-auth", "shares its path with MS_GRAPH_REDIRECT_FOR"),
        ("https://portal.contoso.com/msgraph-auth/", "shares its path with MS_GRAPH_REDIRECT_FOR"),
        ("https://portal.contoso.com/msgraph-auth/b", "lies below the path of MS_GRAPH_REDIRECT"),
    ],
)
def test_redirect_urls_follow_microsofts_rules_and_ours(
    read: Read, value: str, problem: str
) -> None:
    """Each rule of facts section 12, and those our start links need."""
    assert any(fault.problem.startswith(problem) for fault in read(**{BULK: value}).faults)


def test_a_path_above_another_names_the_lower_one(read: Read) -> None:
    """Whichever of the two is read first."""
    settings = read(MS_GRAPH_REDIRECT_FOR_ADMIN="https://portal.contoso.com/tools")
    assert problems(settings) == [(BULK, "lies below the path of MS_GRAPH_REDIRECT_FOR_ADMIN")]


def test_a_longer_name_is_not_below_a_shorter_one(read: Read) -> None:
    """`/msgraph-auth-2` does not lie below `/msgraph-auth`."""
    assert read(**{BULK: "https://portal.contoso.com/msgraph-auth-2"}).faults == ()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_localhost_may_be_http_on_the_callbacks_own_port(read: Read, host: str) -> None:
    """Microsoft allows it for loopback, and the browser comes straight to the callback."""
    local = {name: f"http://{host}:8400/{path}" for name, path in REDIRECTS.items()}
    assert read(**local).faults == ()
    assert read(**local, TTR_CALLBACK_LISTEN="[::1]:8400").faults == ()
    settings = read(**local, TTR_CALLBACK_LISTEN="127.0.0.1:9000")
    assert [name for name, _ in problems(settings)] == list(REDIRECTS)
    assert "leads to port 8400 of localhost; the callback listens on 9000" in (
        settings.faults[0].problem
    )


def test_https_on_localhost_needs_a_certificate(read: Read) -> None:
    """The callback speaks plain http there unless it has one."""
    local = {name: f"https://localhost:8400/{path}" for name, path in REDIRECTS.items()}
    assert "is https on localhost; the callback speaks http there" in [
        fault.problem for fault in read(**local).faults
    ]


@pytest.mark.parametrize("listen", ["0.0.0.0:8400", "[::]:8400", "192.0.2.7:8400"])
def test_listening_beyond_loopback_needs_tls_or_a_named_proxy(read: Read, listen: str) -> None:
    """Codes do not cross a network in the clear."""
    (fault,) = read(TTR_CALLBACK_LISTEN=listen).faults
    assert fault.name == "TTR_CALLBACK_LISTEN"
    settings = read(TTR_CALLBACK_LISTEN=listen, TTR_PROXY_ADDRESS="192.0.2.1, ::0001")
    assert settings.faults == ()
    assert settings.proxy_addresses == ("192.0.2.1", "::1")


@pytest.mark.parametrize("name", list(CLOUDS))
def test_each_cloud_has_its_two_hosts(read: Read, name: str) -> None:
    """The hosts of Microsoft's clouds are no custom ones."""
    settings = read(MS_GRAPH_CLOUD=name)
    assert settings.faults == ()
    assert (settings.authority_host, settings.graph_base_url) == CLOUDS[name]
    assert settings.not_microsoft == ""


OWN = {
    "MS_GRAPH_AUTHORITY_HOST": "https://Login.Example.org:8443/",
    "MS_GRAPH_BASE_URL": "https://graph.example.org",
}


def test_other_hosts_are_taken_as_roots_and_shown(read: Read) -> None:
    """Own hosts are kept without a slash and named permanently."""
    settings = read(**OWN)
    assert settings.faults == ()
    assert settings.authority_host == "https://login.example.org:8443"
    assert settings.graph_base_url == "https://graph.example.org"
    assert settings.not_microsoft == "login.example.org:8443"


@pytest.mark.parametrize(
    "value",
    [
        "http://graph.example.org",
        "https://graph.example.org/v1.0",
        "https://graph.example.org?x",
        "https://user@graph.example.org",
        "graph.example.org",
        "https://",
        "https://host:port",
    ],
)
def test_other_hosts_must_be_https_roots(read: Read, value: str) -> None:
    """Nothing but scheme, host and port, and the scheme is https."""
    settings = read(**{**OWN, "MS_GRAPH_BASE_URL": value})
    assert problems(settings) == [("MS_GRAPH_BASE_URL", "is not an https root")]
    assert settings.graph_base_url == "https://graph.microsoft.com"


def test_other_hosts_come_in_pairs_and_without_a_cloud(read: Read) -> None:
    """A half-custom installation would mix two worlds."""
    alone = read(MS_GRAPH_AUTHORITY_HOST="https://login.example.org")
    assert problems(alone) == [("MS_GRAPH_BASE_URL", "is missing beside MS_GRAPH_AUTHORITY_HOST")]
    both = read(**OWN, MS_GRAPH_CLOUD="global")
    assert [name for name, _ in problems(both)] == ["MS_GRAPH_CLOUD"]


def test_the_secret_may_stand_in_a_file_of_its_own(
    read: Read, right: dict[str, str], tmp_path: Path
) -> None:
    """MS_GRAPH_CLIENT_SECRET_FILE is read without its line end."""
    file = tmp_path / "client-secret"
    file.touch(mode=0o600)
    file.write_text(right[SECRET] + "\n")
    settings = read(MS_GRAPH_CLIENT_SECRET=None, MS_GRAPH_CLIENT_SECRET_FILE="client-secret")
    assert settings.require_microsoft().client_secret.reveal() == right[SECRET]
    both = read(MS_GRAPH_CLIENT_SECRET_FILE=str(file))
    assert problems(both) == [
        ("MS_GRAPH_CLIENT_SECRET_FILE", "stands beside MS_GRAPH_CLIENT_SECRET")
    ]
    assert read({"MS_GRAPH_CLIENT_SECRET_FILE": str(file)}).faults == ()
    file.write_text("")
    assert problems(read(MS_GRAPH_CLIENT_SECRET=None, MS_GRAPH_CLIENT_SECRET_FILE=str(file))) == [
        ("MS_GRAPH_CLIENT_SECRET_FILE", "names an empty file")
    ]
    file.write_text(str(uuid.uuid4()))
    assert problems(read(MS_GRAPH_CLIENT_SECRET=None, MS_GRAPH_CLIENT_SECRET_FILE=str(file))) == [
        ("MS_GRAPH_CLIENT_SECRET_FILE", "holds the secret's ID")
    ]
    gone = read(MS_GRAPH_CLIENT_SECRET=None, MS_GRAPH_CLIENT_SECRET_FILE=str(tmp_path / "no"))
    assert problems(gone) == [("MS_GRAPH_CLIENT_SECRET_FILE", "names a file that cannot be read")]


def test_all_faults_come_at_once_in_the_order_of_the_file(read: Read) -> None:
    """One start shows everything that needs mending."""
    settings = read(
        MS_GRAPH_CLIENT_SECRET=str(uuid.uuid4()),
        MS_GRAPH_REDIRECT_FOR_INVITE="https://portal-url/msgraph-auth",
        MS_GRAPH_REDIRECT_FOR_ADMIN="’https://portal.contoso.com/admin’",
        MS_GRAPH_CLIENT_ID=None,
        TTR_HOSTING="neither",
        TTR_UNKNOWN="x",
    )
    assert [fault.where for fault in settings.faults] == [
        "line 1",
        "line 3",
        "line 6",
        "line 7",
        "missing",
        "line 8",
    ]


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("dressed", ["{}", "’{}’", '"{}', "https://{}", "{}:{}", "a b{}", "<{}>"])
def test_no_message_ever_shows_a_value(read: Read, name: str, dressed: str) -> None:
    """A secret pasted behind the wrong name, however written, is not repeated."""
    secret = secrets.token_hex(20)
    written = dressed.format(secret, secret)
    for settings in (read(**{name: written}), read({name: written})):
        told = [fault for fault in settings.faults if fault.where != "file"]
        assert secret not in " ".join(fault.sentence() for fault in told)
        assert secret not in repr(settings.registration)


def test_the_client_secret_is_in_no_repr(read: Read, right: dict[str, str]) -> None:
    """Neither the settings nor the registration show it."""
    settings = read()
    assert right[SECRET] not in repr(settings)
    assert right[SECRET] not in str(settings.registration)


def test_any_bytes_at_all_raise_nothing(env_file: Path) -> None:
    """Content is never a crash."""
    env_file.touch(mode=0o600)
    for _ in range(200):
        env_file.write_bytes(b"MS_GRAPH_REDIRECT=https://[" + secrets.token_bytes(40))
        read_settings({}, env_file)


def test_the_day_the_secret_ends_is_a_date(read: Read) -> None:
    """As it stands in Microsoft's list of secrets."""
    assert read(TTR_CLIENT_SECRET_ENDS="2027-02-28").secret_ends == date(2027, 2, 28)
    assert problems(read(TTR_CLIENT_SECRET_ENDS="28.2.2027")) == [
        ("TTR_CLIENT_SECRET_ENDS", "is not a date, so it counts for nothing")
    ]


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (0o600, "names a file that cannot be run, so nobody is told of changes"),
        (0o770, "names a program that other users may change, so it is not run"),
    ],
)
def test_a_hook_is_a_program_only_its_owner_changes(
    read: Read, tmp_path: Path, mode: int, problem: str
) -> None:
    """It runs in this user's name; one that cannot be run closes nothing."""
    hook = tmp_path / "hook"
    missing = "names no file, so nobody is told of changes"
    assert problems(read(TTR_HOOK=str(hook))) == [("TTR_HOOK", missing)]
    hook.write_text("#!/bin/sh\n")
    hook.chmod(mode)
    settings = read(TTR_HOOK=str(hook))
    assert problems(settings) == [("TTR_HOOK", problem)]
    assert settings.hook is None
    assert settings.registration is not None
    hook.chmod(0o700)
    assert read(TTR_HOOK=str(hook)).hook == hook


def test_a_hook_is_not_run_where_others_can_put_another_in_its_place(
    read: Read, tmp_path: Path
) -> None:
    """In its directory, or in that of what a link leads to; a sticky directory keeps it."""
    folder = tmp_path / "hooks"
    folder.mkdir()
    hook, link = folder / "hook", tmp_path / "link"
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o755)
    link.symlink_to(hook)
    for mode in (0o777, 0o775):
        folder.chmod(mode)
        for named in (hook, link):
            settings = read(TTR_HOOK=str(named))
            problem = "lies in a directory in which other users may replace it, so it is not run"
            assert problems(settings) == [("TTR_HOOK", problem)]
            assert settings.hook is None
    for mode in (0o1777, 0o755):
        folder.chmod(mode)
        assert read(TTR_HOOK=str(link)).hook == link
    if os.geteuid() == 0:
        os.chown(hook, 12345, 12345)
        settings = read(TTR_HOOK=str(hook))
        assert settings.hook is None
        assert "belongs to another user" in problems(settings)[0][1]
