"""Whose addresses these are, in a local copy of any state."""

from __future__ import annotations

from tests.store.people import crowd
from tests.store.test_directory_copy import copy, ordered, place, poll
from ttr_tui.store.directory_copy import DirectoryCopy

__all__ = ["copy", "place"]


async def test_users_are_found_by_what_they_are_called(copy: DirectoryCopy) -> None:
    """Also those who have no place yet; whoever moves meanwhile is still meant."""
    one, other, third, *rest = crowd(40)
    one = one._replace(aliases=("Desk@contoso.example", "ŁUKASZ@contoso.example"))
    other = other._replace(aliases=("desk@contoso.example",), user_principal_name="up@x.example")
    await poll(copy, [one, other, third, *rest[:10]])
    asked = [
        *("desk@CONTOSO.example", "łukasz@contoso.example", "UP@x.example"),
        *(third.object_id.upper(), "", "nobody@contoso.example", "contoso.example"),
    ]
    fresh = await copy.addresses.owners_of(asked)
    held = await copy.addresses.marks_of([one.object_id, third.object_id, "nobody"])
    await ordered(copy)
    await poll(copy, [one, other, third, *rest])
    await ordered(copy)
    placed = await copy.addresses.owners_of(asked)

    for found in (fresh, placed):
        assert found.rids.keys() == {one.casefold() for one in asked[:4]}
        called = {name: await copy.object_ids_of(rids) for name, rids in found.rids.items()}
        assert set(called["desk@contoso.example"]) == {one.object_id, other.object_id}
        assert called["łukasz@contoso.example"] == [one.object_id]
        assert called["up@x.example"] == [other.object_id]
        assert called[third.object_id.casefold()] == [third.object_id]
    followed = await copy.followed(held)
    assert set(await copy.object_ids_of(followed.rids.to_array())) == {
        one.object_id,
        third.object_id,
    }
