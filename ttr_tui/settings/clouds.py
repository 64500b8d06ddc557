"""Which Microsoft cloud, or which other two hosts, every request goes to (facts section 13)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ttr_tui.settings.names import AUTHORITY_HOST, BASE_URL, CA_FILE, CLOUD
from ttr_tui.settings.reading import Reading
from ttr_tui.settings.written import is_plain


class Cloud(NamedTuple):
    """Two https roots without a slash at their end: sign-in, and Graph."""

    authority_host: str
    graph_base_url: str


CLOUDS: Mapping[str, Cloud] = {
    "global": Cloud("https://login.microsoftonline.com", "https://graph.microsoft.com"),
    "usgov": Cloud("https://login.microsoftonline.us", "https://graph.microsoft.us"),
    "dod": Cloud("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
    "china": Cloud(
        "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"
    ),
}
"""Microsoft's clouds by the name `MS_GRAPH_CLOUD` has for them (facts section 13)."""


def read_cloud(reading: Reading) -> Cloud:
    """Return the hosts every request goes to; with faults noted, those of the global cloud."""
    named = reading.value(CLOUD)
    cloud = CLOUDS.get(named.lower() or "global")
    if cloud is None:
        reading.fault(CLOUD, "names no cloud", f"Write one of {', '.join(CLOUDS)}, or remove it.")
    own = {name: reading.value(name) for name in (AUTHORITY_HOST, BASE_URL)}
    if not any(own.values()):
        return cloud or CLOUDS["global"]
    if named:
        cure = f"Keep {CLOUD}, or {AUTHORITY_HOST} with {BASE_URL}."
        reading.fault(CLOUD, f"stands beside {AUTHORITY_HOST} or {BASE_URL}", cure)
    roots = [_read_root(reading, name) for name in own]
    return Cloud(*roots) if all(roots) else CLOUDS["global"]


def _read_root(reading: Reading, name: str) -> str:
    value = reading.value(name)
    if not value:
        other = BASE_URL if name == AUTHORITY_HOST else AUTHORITY_HOST
        cure = "The two are given together; for Microsoft's own clouds remove both."
        reading.fault(name, f"is missing beside {other}", cure)
        return ""
    if not is_plain(reading, name, value):
        return ""
    try:
        url = urlsplit(value)
        sound = bool(url.hostname) and url.port != 0
    except ValueError:
        sound = False
    beyond = not sound or url.path.strip("/") or "?" in value or "#" in value or "@" in url.netloc
    if beyond or url.scheme != "https":
        reading.fault(
            name, "is not an https root", "Write https:// and the host name, and no path."
        )
        return ""
    return f"https://{url.netloc.lower()}"


def read_ca_file(reading: Reading) -> Path | None:
    """Return the extra CA bundle, or `None`; one that cannot be used is a fault."""
    path = reading.path(CA_FILE)
    if path is None:
        return None
    import ssl  # noqa: PLC0415 - only an extra bundle costs its loading

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        cure = "Name a readable file of CA certificates in PEM form."
        reading.fault(CA_FILE, "names no file with CA certificates", cure)
        return None
    return path


def not_microsoft(cloud: Cloud, ca_file: Path | None) -> str:
    """Return what is to be shown permanently when requests do not go to Microsoft alone."""
    if cloud not in CLOUDS.values():
        return urlsplit(cloud.authority_host).netloc
    return f"extra CA {ca_file.name}" if ca_file else ""
