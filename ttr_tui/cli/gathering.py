"""Finding out whom a command line means, before anything happens: files, groups, filters, names."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui.cli.directory import read_directory, search_agents_too
from ttr_tui.cli.gathered import tell
from ttr_tui.cli.wanted import STDIN, Wanted
from ttr_tui.errors import Refused
from ttr_tui.text import number, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttr_tui.address_file import AddressFile
    from ttr_tui.cli.output import Output
    from ttr_tui.errors import TtrError
    from ttr_tui.flows.choosing import Addressed, Choice, Grouped
    from ttr_tui.microsoft.groups import DirectoryGroup
    from ttr_tui.model import Company
    from ttr_tui.runtime import Runtime
    from ttr_tui.store.directory_copy import Marks


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known before the directory is read: the files as read, the groups as Microsoft's."""

    files: Mapping[str, AddressFile]
    groups: tuple[DirectoryGroup, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everybody who is meant, and what each file and group came to."""

    files: tuple[tuple[str, AddressFile, Addressed], ...]
    groups: tuple[Grouped, ...]
    choice: Choice

    @property
    def lacks(self) -> bool:
        """Whether somebody was meant who was not found or is in doubt, or nobody was found."""
        of_files = any(
            file.unusable or found.unmatched or found.ambiguous for _, file, found in self.files
        )
        nobody = not self.choice.marks.rids
        return nobody or of_files or any(group.elsewhere for group in self.groups)


async def look(runtime: Runtime, company: Company, wanted: Wanted) -> Looked:
    """Read the files and find the groups: what is wrong with them is told before anybody waits.

    Raises AddressFileUnusable, GroupUnknown, and what Microsoft refuses.
    """
    from ttr_tui.flows import choosing  # noqa: PLC0415 - help needs no network

    files = {}
    for name in wanted.files:
        if name == STDIN:
            contents = await asyncio.to_thread(_stdin)
            files["standard input"] = choosing.read_contents(contents, "Standard input")
        else:
            files[name] = await choosing.read_file(Path(name))
    groups = [await choosing.find_group(runtime.access, company, name) for name in wanted.groups]
    return Looked(files, tuple(groups))


async def choose(
    runtime: Runtime, out: Output, company: Company, wanted: Wanted
) -> Gathered | TtrError:
    """Read the directory, find everybody who is meant, and tell it; or why Microsoft refused that.

    Raises what `look` and `gather` raise.
    """
    looked = await look(runtime, company, wanted)
    problem = await read_directory(runtime, out, company)
    if problem is not None:
        return problem
    await search_agents_too(runtime, company, wanted.query)
    gathered = await gather(runtime, out, company, wanted, looked)
    tell(out, gathered)
    return gathered


async def gather(
    runtime: Runtime, out: Output, company: Company, wanted: Wanted, looked: Looked
) -> Gathered:
    """Return everybody who is meant; raise Refused for one of the named who is not just one user.

    Raises MembersHidden, and what Microsoft refuses.
    """
    from ttr_tui.flows import choosing  # noqa: PLC0415 - as above

    access = runtime.access
    files, groups = [], []
    for name, file in looked.files.items():
        files.append((name, file, await choosing.by_addresses(access, company, file.entries)))
    for group in looked.groups:

        def read(count: int, name: str = group.name) -> None:
            out.pace(f"Reading {name}: {plural(count, 'member')} so far.")

        groups.append(await choosing.by_group(access, company, group, read))
    named = await _named(runtime, company, wanted.addresses) if wanted.addresses else None
    choice = await choosing.all_together(
        access,
        company,
        [found.marks for _, _, found in files] + [one.marks for one in groups],
        wanted.query,
        named=named,
        show_hidden=wanted.show_hidden,
    )
    return Gathered(tuple(files), tuple(groups), choice)


async def _named(runtime: Runtime, company: Company, addresses: tuple[str, ...]) -> Marks:
    from ttr_tui.address_file import Entry  # noqa: PLC0415 - as above
    from ttr_tui.flows import choosing  # noqa: PLC0415 - as above

    entries = [Entry(0, address.strip()) for address in addresses]
    found = await choosing.by_addresses(runtime.access, company, entries)
    if found.unmatched:
        raise _not_one(company, found.unmatched[0].address, 0)
    if found.ambiguous:
        raise _not_one(company, found.ambiguous[0].entry.address, len(found.ambiguous[0].users))
    return found.marks


def _not_one(company: Company, wanted: str, found: int) -> Refused:
    how_many = f"{number(found)} users" if found else "No user"
    goes = "go" if found else "goes"
    return Refused(
        f"{how_many} of {company.domain} {goes} by {wanted}.",
        means="Nothing was changed.",
        cure="ttr-tui users COMPANY --search finds the user principal name.",
    )


def _stdin() -> bytes:
    from ttr_tui.address_file import LARGEST  # noqa: PLC0415 - as above

    return sys.stdin.buffer.read(LARGEST + 1)
