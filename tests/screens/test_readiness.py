"""Readiness in front of somebody: rows that fill in, one step opened, dates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.office import Office
from tests.screens.seat import seated
from ttr_tui.screens.readiness_words import LIMITS


async def test_rows_fill_in_keep_their_places_and_open(office: Office, tmp_path: Path) -> None:
    """On opening and on `r`, anew each time; what is wrong has its cure, and can be copied."""
    company = await office.connected()
    missing = office.runtime.settings.redirects
    url = next(iter(missing.values()))
    office.sandbox.dials.redirects_missing = {url}
    async with seated(office) as seat:
        await seat.until(f">  {company.name}", "4 Readiness")
        await seat.press("4")
        await seat.until("[4 Readiness]", "✗ fail", " Listening on ", gone="» checking")
        rows = seat.rows
        assert rows[3].startswith(f" Readiness of {company.name}")
        assert "1 fail" in rows[3]
        assert rows[5] == "   Step                        State       What was seen"
        assert rows[6].startswith(">  1 App registration          ")
        assert rows[7].startswith("   2 Redirect URLs             ✗ fail      4 of 5 registered")
        assert rows[9].startswith("   4 API permissions           ✓ pass      ")
        assert rows[14] == "   Proof by use, and dates"
        assert rows[17].startswith("   What ends next              ")
        assert " ".join(row.strip() for row in rows[19:21]) == LIMITS
        assert rows[22].startswith(" Listening on 127.0.0.1:")
        assert rows[23].startswith(" enter open  r check again  c copy report  e export")

        await seat.press("down", "enter")
        await seat.until(f"Readiness of {company.name} > 2 Redirect URLs", "✗ fail", "What to do")
        assert f"   ✗ {url}" in seat.text
        assert url in seat.rows
        await seat.press("c")
        assert seat.app.clipboard == url
        office.sandbox.dials.redirects_missing = set()
        await seat.press("r")
        await seat.until("✓ pass", gone="✗ fail")
        await seat.press("escape")
        await seat.until(">  2 Redirect URLs             ✓ pass      5 of 5 registered")

        await seat.press("e")
        await seat.until("Write the report to a file?")
        path = tmp_path / "report.txt"
        await seat.press("ctrl+u")
        await seat.type(f"{path}\r")
        await seat.until("✓ written to")
        assert "pass       2 Redirect URLs: 5 of 5" in path.read_text(encoding="utf-8")

        await seat.press("G", "enter")
        await seat.until("> What ends next", "authentication: ")
        await seat.press("down")
        await seat.until("Microsoft tells no date", "begins them anew")
        await seat.press("left")
        await seat.until(f"Readiness of {company.name}", ">  What ends next")


async def test_without_settings_readiness_opens_and_says_what_is_wrong(office: Office) -> None:
    """Nothing is asked of Microsoft, nothing is called pass; the dates are there."""
    from ttr_tui.settings import read_settings  # noqa: PLC0415 - beside its use

    company = await office.add_company(name="Alpha")
    folder: Path = office.runtime.settings.data_dir
    env_file = folder.parent / "env"
    env_file.touch(mode=0o600)
    env_file.write_text("MS_GRAPH_CLIENT_ID=no-guid\n", encoding="utf-8")
    faults = read_settings({}, env_file).faults
    faulty = replace(office.runtime.settings, registration=None, faults=faults)
    access = replace(office.runtime.access, settings=faulty, connection=None)
    runtime = replace(office.runtime, access=access)
    async with seated(replace(office, runtime=runtime)) as seat:
        await seat.until("Nothing can reach Microsoft until")
        await seat.press("0")
        await seat.until(f">  {company.name}")
        await seat.press("4")
        await seat.until("7 Env file                  ✗ fail", gone="» checking")
        assert "✓" not in seat.text
        assert "1 App registration          ? not known" in seat.text
