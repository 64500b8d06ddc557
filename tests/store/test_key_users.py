"""One key file, several stores: replacing the key for one must not shut the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.store.premises import ANNA, Premises, connect
from tests.store.test_backups import key_of
from ttr_tui.errors import Refused
from ttr_tui.model import now
from ttr_tui.store.home import Home
from ttr_tui.store.journal import draft_entry
from ttr_tui.store.keys import new_key
from ttr_tui.store.rotation import Rotation, Step


@dataclass(frozen=True)
class Beside(Premises):
    """Premises with the key of others."""

    of: Premises

    @property
    def key_file(self) -> Path:
        return self.of.key_file


async def test_a_key_that_another_store_has_is_not_replaced(premises: Premises) -> None:
    """As when TTR_DATA_DIR named another directory once and the key file was the usual one; a
    store that is gone, or has a key of its own by now, is in nobody's way.
    """
    other = Beside(premises.folder / "other", premises)
    other.folder.mkdir()
    async with other.opened() as theirs:
        of = await connect(theirs)
    async with premises.opened() as mine:
        for _ in range(2):
            with pytest.raises(Refused, match=f"store in {other.data} has its key in"):
                await mine.rotate_key()
        assert key_of(premises).key_id == mine.key_id
        async with other.opened() as theirs:
            assert await theirs.authentications.refresh_token(of.master) == of.master_token
        own = Premises(other.folder)
        own.key_file.parent.mkdir()
        own.key_file.write_bytes(premises.key_file.read_bytes())
        own.key_file.chmod(0o600)
        async with own.opened() as moved:
            await moved.rotate_key()
            assert await moved.authentications.refresh_token(of.master) == of.master_token
        listed = premises.key_file.with_name("store.key.stores")
        listed.write_bytes(listed.read_bytes() + b'[[[\n7\n"relative"\n\xff\n')
        before = mine.key_id
        await mine.rotate_key()
        assert mine.key_id == key_of(premises).key_id != before
    assert {file.stat().st_mode & 0o777 for file in premises.key_file.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("step", [Step.KEY_WRITTEN, Step.SWITCHED])
async def test_a_new_key_that_vanished_is_written_again(premises: Premises, step: Step) -> None:
    """It is in memory until it is in place; the old one is overwritten only then."""
    home = Home(premises.data, premises.key_file, key_is_given=True)
    entry = draft_entry(ANNA, "store key rotated", subject="store", detail="", at=now())
    async with premises.opened() as store:
        of = await connect(store)
        for done in Rotation(home, entry).steps():
            if done is step:
                home.next_key_file().unlink()
                if step is Step.SWITCHED:
                    home.next_key_file().write_text(new_key().hex())
        assert await store.authentications.refresh_token(of.master) == of.master_token
        assert store.key_id == key_of(premises).key_id
