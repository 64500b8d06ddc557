"""What a choice came to, told before anything happens: in sentences, and as records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.cli.directory import hidden_words
from ttr_tui.text import number, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ttr_tui.address_file import AddressFile, Entry
    from ttr_tui.cli.gathering import Gathered
    from ttr_tui.cli.output import Output
    from ttr_tui.cli.records import Record
    from ttr_tui.flows.choosing import Addressed, Ambiguous, Grouped

LISTED = 20
"""Lines listed of each sort of trouble; the rest is counted. --json has them all."""


def tell(out: Output, gathered: Gathered) -> None:
    """Say what was read, who was found, and who was not, line by line up to a bound."""
    for name, file, found in gathered.files:
        _tell_file(out, name, file, found)
    for group in gathered.groups:
        _tell_group(out, group)
    out.say(f"Found: {plural(len(gathered.choice.marks.rids), 'user')}.")
    if hidden := hidden_words(gathered.choice.hidden):
        out.say(f"Left out as hidden: {hidden}. --show-hidden takes them, too.")


def _tell_file(out: Output, name: str, file: AddressFile, found: Addressed) -> None:
    where = f" in {file.column}" if file.column else ""
    guessed = ", which is a guess" if file.guessed else ""
    out.say(
        f"{name}: {plural(len(file.entries), 'address')}{where}, read as {file.encoding}{guessed}."
    )
    counts = (
        (len(found.unmatched), "not found"),
        (len(found.ambiguous), "ambiguous"),
        (len(file.twice) + len(found.again), "of somebody named before"),
        (len(file.unusable), "without an address"),
    )
    told = [f"{number(count)} {words}" for count, words in counts if count]
    out.say(f"  {', '.join((f'{number(len(found.marks.rids))} found', *told))}.")
    _tell_lines(out, "no address", (f"line {line}: {text}" for line, text in file.unusable))
    _tell_lines(out, "not found", map(_at, found.unmatched))
    _tell_lines(out, "ambiguous", map(_who, found.ambiguous))


def _tell_lines(out: Output, what: str, lines: Iterable[str]) -> None:
    listed = list(lines)
    for line in listed[:LISTED]:
        out.say(f"  {what}: {line}")
    if len(listed) > LISTED:
        out.say(f"  {what}: {number(len(listed) - LISTED)} more")


def _tell_group(out: Output, group: Grouped) -> None:
    kind = "Dynamic group" if group.group.dynamic else "Group"
    count = len(group.marks.rids) + group.elsewhere
    out.say(f"{kind} {group.group.name}: {plural(count, 'user')}, those of groups within included.")
    if group.elsewhere:
        out.say(f"  {plural(group.elsewhere, 'user')} of it not in the directory as it was read.")


def _at(entry: Entry) -> str:
    return f"line {entry.line}: {entry.address}"


def _who(ambiguous: Ambiguous) -> str:
    users = ", ".join(f"{user.name} ({user.user_principal_name})" for user in ambiguous.users)
    return f"{_at(ambiguous.entry)}, of {users}"


def gathered_record(gathered: Gathered) -> Record:
    """Return all of it; nothing is left out."""
    return {
        "found": len(gathered.choice.marks.rids),
        "hidden": {kind.value: count for kind, count in gathered.choice.hidden.items()},
        "files": [_file_record(*each) for each in gathered.files],
        "groups": [_group_record(group) for group in gathered.groups],
    }


def _file_record(name: str, file: AddressFile, found: Addressed) -> Record:
    return {
        "file": name,
        "encoding": file.encoding,
        "encoding_guessed": file.guessed,
        "column": file.column or None,
        "addresses": len(file.entries),
        "found": len(found.marks.rids),
        "not_found": _entries(found.unmatched),
        "ambiguous": [
            {
                **_entry_record(one.entry),
                "users": [
                    {"object_id": user.object_id, "user_principal_name": user.user_principal_name}
                    for user in one.users
                ],
            }
            for one in found.ambiguous
        ],
        "twice": _entries((*file.twice, *found.again)),
        "unusable": [{"line": one.line, "text": one.text} for one in file.unusable],
    }


def _entries(entries: Sequence[Entry]) -> list[Record]:
    return [_entry_record(entry) for entry in entries]


def _entry_record(entry: Entry) -> Record:
    return {"line": entry.line, "address": entry.address}


def _group_record(grouped: Grouped) -> Record:
    group = grouped.group
    return {
        "id": group.id,
        "name": group.name,
        "address": group.mail or None,
        "dynamic": group.dynamic,
        "found": len(grouped.marks.rids),
        "elsewhere": grouped.elsewhere,
    }
