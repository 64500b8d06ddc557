"""The names of plain facts that journeys keep in the store for each other (`Store.note`)."""

from __future__ import annotations

SERVICE_PRINCIPAL_NOTE = "service principal of {}"
"""Our service principal's id in a company's tenant, as Graph named it."""

SIGN_IN_FREQUENCY_NOTE = "sign-in frequency of {}"
"""How long a sign-in lasts at most in a company (by its id), in whole seconds: the shortest one
that a conditional-access policy ended (AADSTS70043). Empty while none was."""

LAST_KEEP_ALIVE_NOTE = "last keep-alive"
"""When keep-alive last looked at everything, as ISO 8601 in UTC; empty for never. A keeper that has
died is seen by its age."""

APP_REFUSED_NOTE = "app refused in {}"
"""The code the app's own token was refused with last in a company (by its id); empty since one was
issued."""

ROTATED_NOTE = "client secret rotated"
"""The note that tells other programs on this store of a rotation: when, and the new one's end."""
