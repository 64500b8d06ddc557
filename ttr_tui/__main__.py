"""The program: `ttr-tui`, or `python -m ttr_tui`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run what the command line asks for, and exit with its status.

    `--version` alone is answered before anything is imported: monitoring asks it often.
    """
    if sys.argv[1:] == ["--version"]:
        from ttr_tui.version import VERSION  # noqa: PLC0415 - nothing else is needed

        sys.stdout.write(f"ttr-tui {VERSION}\n")
        return
    from ttr_tui.cli import run  # noqa: PLC0415 - as above

    run()


if __name__ == "__main__":
    main()
