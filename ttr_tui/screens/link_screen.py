"""A screen with a link that is out: the link, the live line, the paste box, and their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType

from ttr_tui.model import Station, now
from ttr_tui.problems import error_of
from ttr_tui.screens import link_deeds, link_words
from ttr_tui.screens.explained import ExplainedScreen
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.remote import Tunnel, is_loopback, tunnel
from ttr_tui.widgets.lines import Line
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.paste_box import PasteBox, PasteSubmitted
from ttr_tui.widgets.qr import QrCode
from ttr_tui.widgets.shapes import wants_ascii

if TYPE_CHECKING:
    from datetime import datetime

    from textual.app import ComposeResult
    from textual.events import Paste

    from ttr_tui.model import Attempt

TICK = 1.0
"""Seconds between two looks at the countdowns; nothing is sent while no word changes."""

BESIDE_FROM = 150
"""Columns from which on the QR code stands beside the link, without a key."""

HELP_KEYS = (
    "c copies the link, u leaves the full screen and prints it alone, Q shows it as a QR code, r "
    "makes a new one and withdraws the former, d withdraws it."
)
HELP_PASTE = (
    "p takes what the browser ended on: its address, the code, or the number of an error that "
    "Microsoft's page shows. A paste lands there from anywhere. e explains a refusal."
)


class LinkScreen(FrameScreen[None]):
    """What a link's screens share; a subclass says which attempt it is, and makes new links."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("Q", "qr", show=False),
        Binding("p", "paste", show=False),
        Binding("r", "again", show=False),
        Binding("d,delete", "withdraw", show=False),
        Binding("e", "explain", show=False),
        Binding("x", "administrator", show=False),
    ]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.asked_later: set[str] = set()
        self.told_of: set[str] = set()
        self.link_page = Page(id="link")
        self.live_line = Page(id="stations")
        self.paste_box = PasteBox(id="paste")
        self._code = QrCode(id="code")

    # For subclasses

    @property
    def attempt(self) -> Attempt | None:
        """The attempt whose link is out."""
        raise NotImplementedError

    def what_for(self) -> str:
        """Return what the link is for, as a title."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw all that was loaded."""
        raise NotImplementedError

    def action_again(self) -> None:
        """Make a new link."""
        raise NotImplementedError

    def was_withdrawn(self, attempt: Attempt) -> None:
        """Take note that the link was withdrawn here."""

    def focus_body(self) -> None:
        """Give the keys back to the screen after the paste box."""
        self.set_focus(None)

    def said_of_link(self, attempt: Attempt) -> str:
        """Return what stands below the live line, or nothing."""
        del attempt
        return ""

    def compose_link(self) -> ComposeResult:
        """The link's page, the live line and the paste box."""
        yield self.link_page
        yield self.live_line
        yield self.paste_box
        yield self._code

    # What is shown

    def on_mount(self) -> None:
        """Count down; the base class follows the store."""
        self.set_interval(TICK, self.tick)

    def undo_layer(self) -> bool:
        """Leave the paste box first; what stands in it stays."""
        if self.paste_box.is_focused:
            self.focus_body()
            return True
        return False

    @property
    def leading_here(self) -> Attempt | None:
        """The attempt whose link may be shown: none while it would lead to a stranger."""
        return self.attempt if self.runtime.listening.served.links_work else None

    def way(self) -> Tunnel | None:
        """Return the tunnel that the link's redirect needs from here, or None."""
        settings, attempt = self.runtime.settings, self.attempt
        redirect = settings.redirects.get(attempt.purpose, "") if attempt is not None else ""
        return tunnel(self.session.environ, redirect, settings.listen[1])

    def link_rows(self, attempt: Attempt, problem: str, moment: datetime) -> list[Line]:
        """Return the rows about a link that is out."""
        if self.company is None:
            return []
        if self.leading_here is None:
            return sentences(link_words.not_shown(self.runtime.listening.served.sentence))
        page = link_words.LinkPage(attempt, self.company, problem, self.way())
        return page.rows(self.size.width, moment)

    def tick(self) -> None:
        """Show what time has changed."""
        attempt, moment = self.attempt, now()
        self.status_left = self._listening(attempt)
        self.status_right = link_words.countdown(attempt, moment) if attempt else ""
        self.paste_box.display = attempt is not None
        beside = self.size.width >= BESIDE_FROM and self.leading_here is not None
        shown = attempt if beside and self._qr_works() else None
        self._code.show(shown.link if shown is not None else "")
        if attempt is None:
            self.live_line.lines = []
            return
        said = self.said_of_link(attempt) or link_words.stuck(attempt, moment)
        if not said and self.session.demo is not None and attempt.station is Station.WAITING:
            said = link_words.demo_hint(attempt)
        self.live_line.lines = [link_words.station_line(attempt), *sentences(said)]

    def tell_refusal(self, attempt: Attempt | None) -> None:
        """Explain a refusal that came while this screen was looked at, once."""
        if attempt is None or attempt.refusal is None or attempt.id in self.told_of:
            return
        self.told_of.add(attempt.id)
        if self.is_current and attempt.person is None:
            self.app.push_screen(ExplainedScreen(error_of(attempt.refusal), self.company))

    def _listening(self, attempt: Attempt | None) -> str:
        sentence = self.runtime.listening.served.sentence
        if attempt is not None and attempt.station is Station.WAITING and len(sentence) < 34:
            return f"{sentence}; no browser has come yet"
        return sentence

    def link_hints(self) -> tuple[KeyHint, ...]:
        """Return the keys that work on the link."""
        hints: list[KeyHint] = []
        attempt = self.attempt
        if self.leading_here is not None:
            if self.session.demo is not None:
                hints.append(KeyHint("x", "follow it"))
            hints += [KeyHint("c", "copy"), KeyHint("u", "plain link")]
            if self._qr_works():
                hints.append(KeyHint("Q", "QR", rank=2))
        if attempt is not None:
            hints.append(KeyHint("p", "paste", rank=1))
            if attempt.refusal is not None and attempt.person is None:
                hints.append(KeyHint("e", "explain"))
        hints.append(KeyHint("r", "new link", rank=1))
        if attempt is not None:
            hints.append(KeyHint("d", "withdraw", rank=2))
        return tuple(hints)

    def _qr_works(self) -> bool:
        redirects = self.runtime.settings.redirects
        redirect = redirects.get(self.attempt.purpose, "") if self.attempt is not None else ""
        return not is_loopback(redirect) and not wants_ascii(self.session.environ)

    # Keys

    def on_paste(self, event: Paste) -> None:
        """A paste from anywhere lands in the box, and fires no key."""
        event.stop()
        if self.attempt is not None:
            self.paste_box.take_paste(event.text)

    def on_paste_submitted(self, event: PasteSubmitted) -> None:
        """Finish the attempt with it."""
        event.stop()
        if self.attempt is not None and event.text.strip():
            self.run_worker(
                link_deeds.take_paste(self, event.text, self.attempt), group="paste", exclusive=True
            )

    def action_paste(self) -> None:
        """Go to the paste box."""
        if self.attempt is not None:
            self.paste_box.focus()

    def action_copy(self) -> None:
        """Copy the link (OSC 52)."""
        if self.leading_here is not None:
            self.app.copy_to_clipboard(self.leading_here.link)
            tmux = " tmux may keep it." if self.session.environ.get("TMUX") else ""
            self.say(f"Sent to the terminal. Not in your clipboard? u prints it.{tmux}")

    def action_plain(self) -> None:
        """Print the link alone, outside of the full screen."""
        if self.leading_here is not None:
            self.run_worker(link_deeds.print_plain(self, self.leading_here), group="plain")

    def action_qr(self) -> None:
        """Show the link as a QR code."""
        from ttr_tui.screens.qr import QrScreen  # noqa: PLC0415 - seldom needed

        attempt = self.leading_here
        if attempt is None or self.company is None:
            return
        if not self._qr_works():
            self.say("No QR code: a phone has its own localhost, and it needs UTF-8 to be drawn.")
            return
        screen = QrScreen(
            self.company,
            self.what_for(),
            attempt.link,
            link_words.for_a_phone(attempt, self.company),
            expires_at=attempt.expires_at,
            waiting=f"» {link_words.station_words(attempt)}",
        )
        self.app.push_screen(screen)

    def action_withdraw(self) -> None:
        """Withdraw the link, after a question."""
        if self.attempt is not None:
            self.run_worker(link_deeds.ask_withdraw(self, self.attempt), group="ask")

    def action_explain(self) -> None:
        """Explain the last refusal, with the message to send."""
        attempt = self.attempt
        if attempt is not None and attempt.refusal is not None:
            self.app.push_screen(ExplainedScreen(error_of(attempt.refusal), self.company))

    def action_administrator(self) -> None:
        """In the demo: somebody in the sandbox does what a person would in a browser."""
        if self.leading_here is not None and self.session.demo is not None:
            self.run_worker(
                link_deeds.follow(self, self.session.demo, self.leading_here),
                group="administrator",
                exclusive=True,
            )
