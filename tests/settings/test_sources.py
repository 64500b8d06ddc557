"""Where settings come from, and what is wrong with the file they stand in."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from tests.settings.conftest import Read, problems
from ttr_tui.errors import SettingsFaulty
from ttr_tui.model import Hosting, Purpose
from ttr_tui.settings import read_settings


def test_right_settings_have_no_fault(read: Read, right: dict[str, str], env_file: Path) -> None:
    """The seven parameters suffice."""
    settings = read()
    assert settings.faults == ()
    registration = settings.require_microsoft()
    assert registration.client_id == right["MS_GRAPH_CLIENT_ID"]
    assert registration.client_secret.reveal() == right["MS_GRAPH_CLIENT_SECRET"]
    assert settings.env_file == env_file
    assert settings.hosting is Hosting.SELF
    assert settings.listen == ("127.0.0.1", 8400)
    assert settings.authority_host == "https://login.microsoftonline.com"
    assert settings.graph_base_url == "https://graph.microsoft.com"
    assert settings.not_microsoft == ""


def test_each_purpose_has_its_own_redirect_in_the_order_of_the_settings(
    read: Read, right: dict[str, str]
) -> None:
    """The five redirect URLs are kept as configured."""
    assert read().redirects == {
        Purpose.AGENT: right["MS_GRAPH_REDIRECT"],
        Purpose.INVITATION: right["MS_GRAPH_REDIRECT_FOR_INVITE"],
        Purpose.REAUTHENTICATION: right["MS_GRAPH_REDIRECT_FOR_REAUTH"],
        Purpose.COMPANY_MASTER: right["MS_GRAPH_REDIRECT_FOR_BULK"],
        Purpose.ADMIN_CONSENT: right["MS_GRAPH_REDIRECT_FOR_ADMIN"],
    }
    assert list(read().redirects) == list(Purpose)


def test_the_process_environment_counts_before_the_file(read: Read) -> None:
    """A value in both comes from the environment, and its faults say so."""
    assert read({"TTR_HOSTING": "saas"}, TTR_HOSTING="self").hosting is Hosting.SAAS
    (fault,) = read({"MS_GRAPH_CLIENT_ID": "nonsense"}).faults
    assert fault.sentence().startswith("process environment: MS_GRAPH_CLIENT_ID is not a GUID.")


def test_the_file_is_the_named_one_then_the_variables_then_the_default(
    tmp_path: Path, home: Path
) -> None:
    """--env-file, TTR_ENV_FILE, and `env` in the platform's config directory."""
    files = [tmp_path / "given", tmp_path / "variable", home / "config" / "ttr-tui" / "env"]
    files[2].parent.mkdir(parents=True, mode=0o700)
    for file in files:
        file.touch(mode=0o600)
    environ = {"TTR_ENV_FILE": str(files[1])}
    assert read_settings(environ, files[0]).env_file == files[0]
    assert read_settings(environ).env_file == files[1]
    assert read_settings({}).env_file == files[2]


def test_nothing_set_at_all_names_every_missing_setting_at_once(home: Path) -> None:
    """A first start says all that is needed, and where."""
    settings = read_settings({})
    assert [fault.problem for fault in settings.faults] == ["is missing"] * 7
    assert all(str(home / "config" / "ttr-tui" / "env") in f.sentence() for f in settings.faults)
    with pytest.raises(SettingsFaulty, match="until 7 settings are mended") as caught:
        settings.require_microsoft()
    assert len(caught.value.faults) == 7
    settings.require_store()


def test_faults_carry_the_number_of_their_line(env_file: Path, right: dict[str, str]) -> None:
    """Blank lines, comments, `export` and quotes are counted and understood."""
    secret = secrets.token_urlsafe(30)
    lines = [
        "# Microsoft",
        "",
        "",
        "export MS_GRAPH_CLIENT_ID='abc'  # not a GUID",
        f'MS_GRAPH_CLIENT_SECRET="{secret}"',
    ]
    redirects = [f"{name}={value}" for name, value in right.items() if "REDIRECT" in name]
    env_file.touch(mode=0o600)
    env_file.write_text("\r\n".join(lines + redirects))
    settings = read_settings({}, env_file)
    (fault,) = settings.faults
    assert fault.sentence().startswith(f"{env_file}, line 4: MS_GRAPH_CLIENT_ID is not a GUID.")


def test_an_env_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    """A slip in --env-file is said first, and nothing is raised."""
    settings = read_settings({}, tmp_path / "nowhere")
    assert settings.env_file is None
    assert ("", "there is no such file") in problems(settings)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (b"\xff\xfeM\x00S\x00", "is not an env file"),
        ("MS_GRAPH_CLIENT_ID=é".encode("latin-1"), "is not UTF-8 text"),
        (b"x" * (1 << 20) + b"yz", "is not an env file"),
    ],
)
def test_a_file_that_is_no_env_file_is_a_fault(
    env_file: Path, written: bytes, problem: str
) -> None:
    """Whatever the file holds, it is named, and nothing is raised."""
    env_file.touch(mode=0o600)
    env_file.write_bytes(written)
    assert ("", problem) in problems(read_settings({}, env_file))


def test_a_directory_is_no_env_file(tmp_path: Path) -> None:
    """The directory is named as what it is."""
    assert ("", "is a directory, not a file") in problems(read_settings({}, tmp_path))


def test_an_unclosed_quote_is_named_and_not_called_missing(read: Read) -> None:
    """One slip makes one fault."""
    unclosed = "'" + secrets.token_urlsafe(9)
    (fault,) = read(MS_GRAPH_CLIENT_SECRET=unclosed).faults
    assert fault.name == "MS_GRAPH_CLIENT_SECRET"
    assert "quote that is not closed" in fault.problem


def test_a_line_without_equals_sign_is_named_by_its_number(env_file: Path, read: Read) -> None:
    """YAML's colon is no equals sign, and what stands behind it is not repeated."""
    read()
    secret = secrets.token_urlsafe(20)
    with env_file.open("a") as opened:
        opened.write(f"MS_GRAPH_CLIENT_SECRET: {secret}\nMS_GRAPH_CLIENT_SECRET:{secret}\n")
    settings = read_settings({}, env_file)
    assert [fault.where for fault in settings.faults] == ["line 8", "line 9"]
    assert secret not in repr(settings)
    assert secret not in " ".join(fault.sentence() for fault in settings.faults)


def test_a_misspelled_name_is_a_warning_with_the_likely_one(env_file: Path, read: Read) -> None:
    """An optional setting that has no effect does not stay unnoticed."""
    settings = read(TTR_CALLBACK_LISTN="127.0.0.1:9000")
    (fault,) = settings.faults
    assert fault.severity == "warning"
    assert fault.cure == "Is TTR_CALLBACK_LISTEN meant?"
    assert settings.registration is not None
    (stranger,) = read({"TTR_HOST": "x", "OTHER": "y"}).faults
    assert "TTR_HOST" in stranger.problem


def test_a_doubled_name_is_a_warning(env_file: Path, read: Read) -> None:
    """The later one counts, as everywhere with env files."""
    read()
    with env_file.open("a") as opened:
        opened.write("TTR_HOSTING=self\nTTR_HOSTING=saas\n")
    settings = read_settings({}, env_file)
    assert settings.hosting is Hosting.SAAS
    (fault,) = settings.faults
    assert fault.severity == "warning"
    assert "after line 8" in fault.problem


def test_the_env_file_cannot_name_another_one(read: Read) -> None:
    """TTR_ENV_FILE inside an env file says that it does nothing."""
    (fault,) = read(TTR_ENV_FILE="/etc/other").faults
    assert (fault.severity, fault.name) == ("warning", "TTR_ENV_FILE")


def test_relative_paths_count_from_where_they_stand(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the file's directory in the file, from the working directory in the environment."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert read(TTR_DATA_DIR="store").data_dir == tmp_path / "store"
    assert read({"TTR_DATA_DIR": "store"}).data_dir == elsewhere / "store"


def test_a_pipe_may_be_the_env_file(tmp_path: Path, right: dict[str, str]) -> None:
    """Process substitution hands over a pipe, which has no permissions to check."""
    reading, writing = os.pipe()
    os.write(writing, "\n".join(f"{n}={v}" for n, v in right.items()).encode())
    os.close(writing)
    try:
        settings = read_settings({}, Path(f"/dev/fd/{reading}"))
    finally:
        os.close(reading)
    assert settings.registration is not None
