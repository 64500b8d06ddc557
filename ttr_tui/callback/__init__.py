"""The embedded callback server: the configured redirect paths and the start links below them.

It knows neither the store nor Microsoft: it awaits the callables of `answers.Answers` and shows
what they return, or the sentences of what they raise, as pages. Importing this package loads no
web server; `server` does.
"""

from ttr_tui.callback.answers import Answers, FinishPage, StartPage
from ttr_tui.callback.recognise import is_ours

__all__ = ["Answers", "FinishPage", "StartPage", "is_ours"]
