"""Who else can read or change what has to stay ours, and where the store lies."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.settings.conftest import Read, problems
from ttr_tui.errors import SettingsFaulty
from ttr_tui.settings import read_settings


@pytest.mark.parametrize(
    ("mode", "severity", "problem"),
    [
        (0o644, "fault", "can be read by every user of this server (mode 0644)"),
        (0o602, "fault", "can be changed by every user of this server (mode 0602)"),
        (0o640, "warning", "can be read by its group (mode 0640)"),
        (0o660, "warning", "can be changed by its group (mode 0660)"),
    ],
)
def test_an_env_file_is_ours_alone(
    read: Read, env_file: Path, mode: int, severity: str, problem: str
) -> None:
    """What every user of the server can read is no secret any more."""
    read()
    env_file.chmod(mode)
    settings = read_settings({}, env_file)
    (fault,) = settings.faults
    assert (fault.severity, fault.problem) == (severity, problem)
    assert fault.sentence() == f"{env_file}: {problem}. Run: chmod 600 {env_file}"
    assert (settings.registration is None) == (severity == "fault")


def test_a_groups_leave_to_replace_the_env_file_is_a_warning(read: Read, env_file: Path) -> None:
    """Many systems give each user a group of their own: said, and nothing is closed."""
    env_file.parent.chmod(0o770)
    settings = read()
    (fault,) = settings.faults
    assert fault.severity == "warning"
    assert "its group may replace it (mode 0770)" in fault.problem
    assert settings.registration is not None


def test_an_env_file_must_not_be_replaceable(read: Read, env_file: Path) -> None:
    """A directory others write to lets them put another file there; a sticky one does not."""
    env_file.parent.chmod(0o777)
    (fault,) = read().faults
    assert "may replace it (mode 0777)" in fault.problem
    assert fault.command == f"chmod go-w {env_file.parent}"
    env_file.parent.chmod(0o1777)
    assert read().faults == ()
    env_file.parent.chmod(0o700)


def test_a_readable_secret_file_is_a_fault(
    read: Read, right: dict[str, str], tmp_path: Path
) -> None:
    """It holds what makes the env file secret."""
    file = tmp_path / "client-secret"
    file.write_text(right["MS_GRAPH_CLIENT_SECRET"])
    file.chmod(0o644)
    settings = read(MS_GRAPH_CLIENT_SECRET=None, MS_GRAPH_CLIENT_SECRET_FILE=str(file))
    (fault,) = settings.faults
    assert fault.severity == "fault"
    assert "the file of MS_GRAPH_CLIENT_SECRET_FILE can be read by every user" in fault.problem


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o602])
def test_a_store_key_others_can_read_keeps_the_store_shut(
    read: Read, tmp_path: Path, mode: int
) -> None:
    """Even the key file's group is too many."""
    key = tmp_path / "store.key"
    key.touch()
    key.chmod(mode)
    settings = read(TTR_KEY_FILE=str(key))
    (fault,) = settings.faults
    assert (fault.severity, fault.closes) == ("fault", "store")
    with pytest.raises(SettingsFaulty, match="The store stays closed until 1 setting is mended"):
        settings.require_store()


def test_the_key_lies_in_the_config_directory_unless_told_otherwise(read: Read, home: Path) -> None:
    """The default key may be made at the first run."""
    settings = read()
    assert settings.key_file == home / "config" / "ttr-tui" / "store.key"
    assert settings.key_is_given is False
    assert settings.data_dir == home / "data" / "ttr-tui"
    assert settings.log_file == home / "data" / "ttr-tui" / "log"
    assert settings.destroyed_file.parent == settings.key_file.parent


def test_a_named_key_must_be_there_and_is_never_made(read: Read, tmp_path: Path) -> None:
    """A slip in TTR_KEY_FILE does not begin a second store key."""
    settings = read(TTR_KEY_FILE=str(tmp_path / "nowhere"))
    assert problems(settings) == [("TTR_KEY_FILE", "names a file that does not exist")]
    assert settings.key_is_given is True
    settings.require_store()  # the store itself refuses, naming the key it needs


def test_no_file_at_all_may_be_asked_for(right: dict[str, str]) -> None:
    """`--env-file /dev/null` reads the process environment alone."""
    settings = read_settings(right, Path("/dev/null"))
    assert settings.faults == ()


def test_a_systemd_credential_is_the_key_before_everything(read: Read, tmp_path: Path) -> None:
    """systemd guards its own directory, whose modes follow its access lists."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert read(environ).key_is_given is False
    key = credentials / "ttr-store-key"
    key.touch()
    key.chmod(0o440)
    settings = read(environ)
    assert settings.faults == ()
    assert (settings.key_file, settings.key_is_given) == (key, True)


def test_the_list_of_destroyed_keys_outlives_a_systemd_credential(
    read: Read, home: Path, tmp_path: Path
) -> None:
    """Credentials are gone when the service stops (systemd.exec, CREDENTIALS), also root's."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "ttr-store-key").touch(mode=0o400)
    settings = read({"CREDENTIALS_DIRECTORY": str(credentials)})
    assert settings.destroyed_file == home / "config" / "ttr-tui" / "store.key.destroyed"


def test_the_key_does_not_lie_in_the_data_directory(read: Read, tmp_path: Path) -> None:
    """Whoever copies the store must not copy its key with it."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "key").touch(mode=0o600)
    settings = read(TTR_DATA_DIR=str(data), TTR_KEY_FILE=str(data / "key"))
    assert [fault.closes for fault in settings.faults] == ["store"]


def test_a_data_directory_that_is_a_file_keeps_the_store_shut(read: Read, env_file: Path) -> None:
    """The store needs a directory."""
    settings = read(TTR_DATA_DIR=str(env_file))
    assert problems(settings) == [("TTR_DATA_DIR", "names something that is no directory")]


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment)
        .not_valid_after(moment + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


def test_tls_takes_a_certificate_with_its_own_key(read: Read, tmp_path: Path) -> None:
    """A pair that does not belong together is a fault at the start, not at the first browser."""
    (cert, key), (_, other) = _certificate(tmp_path, "one"), _certificate(tmp_path, "two")
    names = ("TTR_CALLBACK_TLS_CERT", "TTR_CALLBACK_TLS_KEY")
    settings = read(
        **dict(zip(names, (str(cert), str(key)), strict=True)), TTR_CALLBACK_LISTEN="0.0.0.0:8400"
    )
    assert settings.faults == ()
    assert settings.tls == (cert, key)
    mixed = read(**dict(zip(names, (str(cert), str(other)), strict=True)))
    assert problems(mixed) == [("TTR_CALLBACK_TLS_CERT", "and its key cannot be used together")]
    gone = read(**dict(zip(names, (str(cert), str(tmp_path / "no")), strict=True)))
    assert problems(gone) == [("TTR_CALLBACK_TLS_KEY", "names a file that cannot be read")]
    key.chmod(0o644)
    assert "can be read by every user" in (
        read(**dict(zip(names, (str(cert), str(key)), strict=True))).faults[0].problem
    )


def test_an_extra_ca_is_shown_permanently(read: Read, tmp_path: Path) -> None:
    """It could stand between us and Microsoft, so it is named on every screen."""
    certificate, _ = _certificate(tmp_path, "corporate")
    settings = read(TTR_CA_FILE=str(certificate))
    assert settings.faults == ()
    assert settings.ca_file == certificate
    assert settings.not_microsoft == "extra CA corporate.pem"
    certificate.write_text("no certificate")
    assert problems(read(TTR_CA_FILE=str(certificate))) == [
        ("TTR_CA_FILE", "names no file with CA certificates")
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to somebody else")
def test_a_file_of_another_user_is_named(read: Read, env_file: Path, tmp_path: Path) -> None:
    """Whoever owns it can change it, whatever its mode; root's own can be changed by root alone."""
    key = tmp_path / "store.key"
    key.touch(mode=0o600)
    assert read(TTR_KEY_FILE=str(key)).faults == ()
    for file in (env_file, key):
        os.chown(file, 4711, -1)
    settings = read(TTR_KEY_FILE=str(key))
    assert [(fault.severity, fault.problem) for fault in settings.faults] == [
        ("warning", "belongs to another user of this server (uid 4711)"),
        ("warning", "the file of TTR_KEY_FILE belongs to another user of this server (uid 4711)"),
    ]
