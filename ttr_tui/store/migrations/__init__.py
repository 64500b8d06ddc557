"""The store's numbered migrations: `NNN_name.sql`, number n brings the store to version n."""

from __future__ import annotations

from pathlib import Path


def store_migrations() -> list[str]:
    """Return the scripts in the order of their numbers.

    Raises RuntimeError when a number is missing or given twice.
    """
    files = sorted(Path(__file__).parent.glob("*.sql"))
    numbers = [int(file.name.partition("_")[0]) for file in files]
    if numbers != list(range(1, len(files) + 1)):
        raise RuntimeError(f"the store's migrations are not numbered 1, 2, 3: {numbers}")
    return [file.read_text(encoding="utf-8") for file in files]
