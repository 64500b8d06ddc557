"""What a refused code is called: `invalid_grant` is said of codes and refresh tokens alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.microsoft.conftest import Connected
from tests.microsoft.liar import TENANT, Reply
from tests.microsoft.test_sign_in import begun, response
from ttr_tui.errors import SignInNeeded


@pytest.mark.parametrize("codes", [{}, {"error_codes": [9990001]}])
async def test_a_code_that_is_not_accepted_is_no_stored_sign_in(
    connected: Connected, codes: dict[str, Any]
) -> None:
    """A certified provider says `invalid_grant` of a code, too; nothing was stored by then."""
    request = await begun(connected)
    connected.authority.answers_tokens(Reply({"error": "invalid_grant", **codes}, 400))
    with pytest.raises(SignInNeeded) as refused:
        await connected.ms.tokens.redeem(TENANT, request.flow, response())
    assert "the code that the browser brought back" in refused.value.happened
    assert "Nothing was stored" in refused.value.means
    assert "start link" in refused.value.cure
