"""Read all users with O365's `get_users`: `python read_with_o365.py GRAPH CA`.

It is given the token on standard input and keeps nothing of what it reads. Prints the seconds,
processor seconds and MiB as JSON.
"""

import json
import resource
import sys
import time

import requests
from O365 import Account, MSGraphProtocol


def main(graph: str, ca_file: str, token: str) -> None:
    """Read, one user after the other."""

    class Protocol(MSGraphProtocol):
        _protocol_url = f"{graph}/"

    account = Account(
        ("unused", "unused"), protocol=Protocol(), auth_flow_type="credentials", tenant_id="unused"
    )
    account.con.session = requests.Session()
    account.con.session.trust_env = False
    account.con.session.verify = ca_file
    account.con.session.headers["Authorization"] = f"Bearer {token}"
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    users = sum(1 for _ in account.directory().get_users(limit=None))
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = (after.ru_maxrss - before.ru_maxrss) / 1024
    found = {"seconds": seconds, "cpu": cpu, "memory": memory, "users": users}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.stdin.readline().strip())
