"""What a person sees of an HTML page: its title, its text, its forms and their buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_UNSEEN = frozenset({"script", "style", "template"})
_BREAKS = frozenset({"p", "div", "h1", "h2", "h3", "li", "br", "tr", "pre", "button", "form"})


@dataclass(slots=True)
class Button:
    """A button that submits its form, with what stands on it."""

    name: str
    value: str
    label: str = ""


@dataclass(slots=True)
class Form:
    """A form: its fields as they stand, the names of those a person fills in, its buttons."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


class Document(HTMLParser):
    """A page, read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = ""
        self.forms: list[Form] = []
        self.refresh = ""
        self._words: list[str] = []
        self._open: list[str] = []
        self._button: Button | None = None
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """The page's visible text, a line for each block."""
        lines = (" ".join(line.split()) for line in "".join(self._words).split("\n"))
        return "\n".join(line for line in lines if line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Meet an opening tag."""
        given = {name: value or "" for name, value in attrs}
        if tag in _BREAKS:
            self._words.append("\n")
        if tag in {"title", *_UNSEEN}:
            self._open.append(tag)
        if tag == "form":
            form = Form(given.get("action", ""), given.get("method", "get").upper())
            self.forms.append(form)
        elif tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            delay, _, target = given.get("content", "").partition(";")
            # A page that goes on at once is a redirect; one that asks again later is read.
            if delay.strip() == "0":
                self.refresh = target.partition("=")[2].strip("'\" ")
        elif self.forms and tag in {"input", "button"}:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        form, kind = self.forms[-1], given.get("type", "submit" if tag == "button" else "text")
        name, value = given.get("name", ""), given.get("value", "")
        if kind == "submit":
            button = Button(name, value, value if tag == "input" else "")
            form.buttons.append(button)
            self._button = button if tag == "button" else None
        elif name and (kind not in {"checkbox", "radio"} or "checked" in given):
            form.fields[name] = value
            if kind in {"text", "email"}:
                form.typed.append(name)

    def handle_endtag(self, tag: str) -> None:
        """Meet a closing tag."""
        if self._open and tag == self._open[-1]:
            self._open.pop()
        if tag == "button":
            self._button = None
        if tag in _BREAKS:
            self._words.append("\n")

    def handle_data(self, data: str) -> None:
        """Meet text."""
        if self._open and self._open[-1] == "title":
            self.title += data
        elif not self._open:
            self._words.append(data)
            if self._button is not None:
                self._button.label += data
