"""What comes from a terminal piece by piece, and when it may be over.

A terminal that knows bracketed paste (xterm's control sequences, mode 2004) says where a paste
begins and ends. Another one sends its characters only, and somebody presses `enter` behind them.
"""

from __future__ import annotations

BEGIN, END = b"\x1b[200~", b"\x1b[201~"
CTRL_D, BACKSPACE, CTRL_U = 0x04, 0x7F, 0x15

_ERASING = bytes((BACKSPACE, CTRL_U))


class TerminalPaste:
    """The bytes that came, at most `most` of them; what comes beyond is taken and dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = bytearray()
        self._tail = b""
        self._inside = False
        self.too_much = False
        """Whether something was dropped."""
        self.ended = False
        """Whether nothing more will come: ctrl+d was pressed, or the terminal is gone."""
        self.may_be_over = False
        """Whether it is over when nothing comes for a while: behind `enter` or a whole paste."""

    def take(self, piece: bytes) -> None:
        """Take what came; nothing means that the terminal is gone."""
        window = self._tail + piece
        self._tail = window[1 - len(END) :]
        begin, end = window.rfind(BEGIN), window.rfind(END)
        whole = end > begin
        if max(begin, end) >= 0:
            self._inside = begin > end
        self.ended = not piece or CTRL_D in piece
        self.may_be_over = not self._inside and (whole or window.endswith((b"\n", b"\r", END)))
        room = self._most - len(self._kept)
        self.too_much = self.too_much or len(piece) > room
        self._kept += piece[:room]

    def typed(self) -> bytes:
        """Return what it comes to: without the marks, and with what was erased while typing."""
        kept = bytes(self._kept).partition(bytes((CTRL_D,)))[0]
        kept = kept.replace(BEGIN, b"").replace(END, b"")
        if not any(erasing in kept for erasing in _ERASING):
            return kept
        left = bytearray()
        for byte in kept:
            if byte == CTRL_U:
                left.clear()
            elif byte == BACKSPACE:
                del left[-1:]
            else:
                left.append(byte)
        return bytes(left)
