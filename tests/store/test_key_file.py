"""The key's file, the sidecar that names it, and the list of destroyed ids."""

from __future__ import annotations

import base64
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.store.premises import Premises
from ttr_tui.errors import StoreBroken, StoreError, StoreKeyMissing, StoreKeyWrong
from ttr_tui.store.key_file import append_destroyed, load_store_key, read_destroyed
from ttr_tui.store.keys import StoreKey, new_key


def load(premises: Premises, *, given: bool = False) -> StoreKey:
    premises.data.mkdir(exist_ok=True)
    return load_store_key(premises.key_file, given, premises.data)


def test_the_first_run_makes_a_key_for_its_owner_alone(premises: Premises) -> None:
    """Key file and sidecar are 0600, the key's new directory 0700, and nothing else is left."""
    key = load(premises)
    assert load(premises).raw == key.raw
    assert premises.key_file.stat().st_mode & 0o777 == 0o600
    assert premises.key_file.parent.stat().st_mode & 0o777 == 0o700
    assert (premises.data / "store.id").stat().st_mode & 0o777 == 0o600
    assert {file.name for file in premises.files()} == {"store.key", "store.id"}


def test_the_sidecar_names_the_key_and_not_more(premises: Premises) -> None:
    """The sidecar holds key id and check value; the key cannot be read from it."""
    key = load(premises)
    text = (premises.data / "store.id").read_text()
    assert json.loads(text) == {"key_id": key.key_id, "check": key.check}
    assert key.raw.hex() not in text


def test_a_missing_key_is_named_and_none_is_made(premises: Premises) -> None:
    """With a store there and its key gone, the store's key is named and nothing is created."""
    key = load(premises)
    premises.key_file.unlink()
    with pytest.raises(StoreKeyMissing, match=key.key_id):
        load(premises)
    assert not premises.key_file.exists()


def test_a_store_without_sidecar_still_forbids_a_new_key(premises: Premises) -> None:
    """A database alone is enough to know that a new key would be the wrong one."""
    premises.data.mkdir()
    (premises.data / "store.db").write_bytes(b"not ours to judge")
    with pytest.raises(StoreKeyMissing):
        load(premises)
    assert {file.name for file in premises.files()} == {"store.db"}


def test_a_given_key_file_is_never_made(premises: Premises) -> None:
    """A key file that the operator named is not created, not even at the first run."""
    with pytest.raises(StoreKeyMissing, match=r"store\.key does not exist"):
        load(premises, given=True)
    assert premises.files() == []


def test_a_wrong_key_is_refused_with_both_ids(premises: Premises) -> None:
    """Another key is refused, both ids are named, and no file changes."""
    right = load(premises)
    wrong = StoreKey(new_key())
    premises.key_file.write_text(wrong.raw.hex())
    before = {file: file.read_bytes() for file in premises.files()}
    with pytest.raises(StoreKeyWrong) as raised:
        load(premises)
    assert right.key_id in raised.value.happened
    assert wrong.key_id in raised.value.happened
    assert wrong.raw.hex() not in raised.value.sentence()
    assert {file: file.read_bytes() for file in premises.files()} == before


@pytest.mark.parametrize("form", ["hex", "HEX", "base64", "raw"])
def test_a_key_is_read_in_the_forms_people_make_it(premises: Premises, form: str) -> None:
    """64 hexadecimal digits, base64 with a line's end, and 32 raw bytes are the same key."""
    raw = new_key()
    written = {
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode() + b"\n",
        "base64": base64.b64encode(raw) + b"\n",
        "raw": raw,
    }[form]
    premises.key_file.parent.mkdir()
    premises.key_file.write_bytes(written)
    assert load(premises, given=True).raw == raw


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"zz" * 32, b"ab" * 31, b"ab" * 33])
def test_what_is_no_key_is_refused(premises: Premises, content: bytes) -> None:
    """A file that holds no key is refused with a sentence that does not repeat it."""
    premises.key_file.parent.mkdir()
    premises.key_file.write_bytes(content)
    with pytest.raises(StoreKeyWrong, match="holds no store key") as raised:
        load(premises, given=True)
    assert not content.strip() or content.decode() not in raised.value.sentence()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key_id": "1"}', "\xff"])
def test_a_damaged_sidecar_is_said(premises: Premises, content: str) -> None:
    """A sidecar that cannot be understood stops the opening; it is not written anew."""
    load(premises)
    sidecar = premises.data / "store.id"
    sidecar.write_text(content, encoding="latin-1")
    with pytest.raises(StoreBroken, match=r"store\.id"):
        load(premises)
    assert sidecar.read_text(encoding="latin-1") == content


def test_two_first_runs_at_once_agree_on_one_key(premises: Premises) -> None:
    """Whoever comes second takes the key of whoever came first."""
    premises.data.mkdir()
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: load(premises).raw, range(32)))
    assert len(set(keys)) == 1
    assert {file.name for file in premises.files()} == {"store.key", "store.id"}


def test_destroyed_ids_are_added_and_read(tmp_path: Path) -> None:
    """Ids are kept one a line, in a file of their owner, beside what was there."""
    file = tmp_path / "conf" / "destroyed"
    assert read_destroyed(file) == frozenset()
    append_destroyed(file, [])
    assert not file.exists()
    first, second, third = (os.urandom(16).hex() for _ in range(3))
    append_destroyed(file, [first, second])
    append_destroyed(file, [third])
    assert read_destroyed(file) == {first, second, third}
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_keys_own_folder_keeps_its_rights(tmp_path: Path) -> None:
    """A folder that was there keeps its mode: the env file in it may be another group's."""
    tmp_path.chmod(0o750)
    append_destroyed(tmp_path / "destroyed", [os.urandom(16).hex()])
    assert tmp_path.stat().st_mode & 0o777 == 0o750


def test_a_torn_line_costs_no_other_id(tmp_path: Path) -> None:
    """After a power cut in the middle of a line, the ids before and after it count."""
    file = tmp_path / "destroyed"
    before, after = os.urandom(16).hex(), os.urandom(16).hex()
    append_destroyed(file, [before])
    with file.open("a") as stream:
        stream.write(after[:7])
    append_destroyed(file, [after])
    assert read_destroyed(file) == {before, after}


def test_a_list_that_cannot_be_read_stops_the_opening(tmp_path: Path) -> None:
    """An unreadable list is an error, not an empty list: what was deleted would come back."""
    file = tmp_path / "destroyed"
    file.mkdir()
    with pytest.raises(StoreError, match="destroyed"):
        read_destroyed(file)
    with pytest.raises(StoreError, match="destroyed"):
        append_destroyed(file, [os.urandom(16).hex()])
