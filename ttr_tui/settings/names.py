"""The names of every setting, and which redirect URL serves which purpose."""

from __future__ import annotations

from collections.abc import Mapping

from ttr_tui.model import Purpose

CLIENT_ID = "MS_GRAPH_CLIENT_ID"
CLIENT_SECRET = "MS_GRAPH_CLIENT_SECRET"  # noqa: S105 - the setting's name
CLIENT_SECRET_FILE = "MS_GRAPH_CLIENT_SECRET_FILE"  # noqa: S105 - the setting's name
CLOUD = "MS_GRAPH_CLOUD"
AUTHORITY_HOST = "MS_GRAPH_AUTHORITY_HOST"
BASE_URL = "MS_GRAPH_BASE_URL"
HOSTING = "TTR_HOSTING"
SECRET_ENDS = "TTR_CLIENT_SECRET_ENDS"  # noqa: S105 - the setting's name
HOOK = "TTR_HOOK"
CA_FILE = "TTR_CA_FILE"
LISTEN = "TTR_CALLBACK_LISTEN"
TLS_CERT = "TTR_CALLBACK_TLS_CERT"
TLS_KEY = "TTR_CALLBACK_TLS_KEY"
PROXY_ADDRESS = "TTR_PROXY_ADDRESS"
DATA_DIR = "TTR_DATA_DIR"
KEY_FILE = "TTR_KEY_FILE"
ENV_FILE = "TTR_ENV_FILE"

REDIRECTS: Mapping[Purpose, str] = {
    Purpose.AGENT: "MS_GRAPH_REDIRECT",
    Purpose.INVITATION: "MS_GRAPH_REDIRECT_FOR_INVITE",
    Purpose.REAUTHENTICATION: "MS_GRAPH_REDIRECT_FOR_REAUTH",
    Purpose.COMPANY_MASTER: "MS_GRAPH_REDIRECT_FOR_BULK",
    Purpose.ADMIN_CONSENT: "MS_GRAPH_REDIRECT_FOR_ADMIN",
}

OPTIONAL = (
    CLOUD,
    HOSTING,
    CA_FILE,
    LISTEN,
    TLS_CERT,
    TLS_KEY,
    PROXY_ADDRESS,
    DATA_DIR,
    KEY_FILE,
    SECRET_ENDS,
    HOOK,
)
"""What has a default, and is checked only when it is set."""

KNOWN = (
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    *REDIRECTS.values(),
    AUTHORITY_HOST,
    BASE_URL,
    *OPTIONAL,
    ENV_FILE,
)
"""Every setting there is."""

PREFIXES = ("MS_GRAPH_", "TTR_")
"""Names that begin so are meant for us; an unknown one among them is a slip of the pen."""
