"""Read all users with msgraph-sdk's PageIterator: `python read_with_msgraph.py GRAPH CA`.

It is given the token on standard input and keeps nothing of what it reads. Prints the
seconds, processor seconds and MiB as JSON.
"""

import asyncio
import json
import resource
import sys
import time
from typing import Any

import httpx
from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.tasks import PageIterator

PAGE = 999


class Token(AuthenticationProvider):
    """The token that was given, for every request."""

    def __init__(self, token: str) -> None:
        self.token = token

    async def authenticate_request(self, request: Any, _context: object = None) -> None:
        """Put the token into a request."""
        request.headers.add("Authorization", f"Bearer {self.token}")


async def main(graph: str, ca_file: str, token: str) -> None:
    """Read, page by page."""
    client = httpx.AsyncClient(verify=ca_file, timeout=120)
    adapter = GraphRequestAdapter(Token(token), client)
    adapter.base_url = f"{graph}/v1.0"
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=PAGE)
    users = 0

    def one(_user: object) -> bool:
        nonlocal users
        users += 1
        return True

    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    sdk = GraphServiceClient(request_adapter=adapter)
    page = await sdk.users.get(RequestConfiguration(query_parameters=query))
    await PageIterator(page, adapter).iterate(one)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = (after.ru_maxrss - before.ru_maxrss) / 1024
    found = {"seconds": seconds, "cpu": cpu, "memory": memory, "users": users}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.stdin.readline().strip()))
