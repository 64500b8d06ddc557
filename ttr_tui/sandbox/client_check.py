"""What every request that ends at the app's redirect URI must have right, or a page says no."""

from __future__ import annotations

from ttr_tui.sandbox.issued import SignIn
from ttr_tui.sandbox.refusals import LoginRefused
from ttr_tui.sandbox.world import World


def check_client(world: World, sign_in: SignIn) -> None:
    """Check the client and its redirect URI.

    Raises LoginRefused, to be shown on our own page: an app that is unknown or whose redirect URI
    is not registered gets no redirect (RFC 6749 section 4.1.2.1; facts section 2.2).
    """
    query = sign_in.query
    client_id = query.get("client_id", "")
    if not client_id:
        raise LoginRefused(900144, field="client_id")
    where = sign_in.tenant.name if sign_in.tenant else sign_in.segment
    if client_id != world.registration.client_id or world.dials.app_unknown:
        raise LoginRefused(700016, field=client_id, tenant=where)
    if sign_in.tenant is None and not world.registration.multi_tenant:
        raise LoginRefused(50194)
    if sign_in.tenant is not None and not world.may_use(sign_in.tenant):
        raise LoginRefused(700016, field=client_id, tenant=where)
    redirect_uri = query.get("redirect_uri", "")
    if not redirect_uri:
        raise LoginRefused(900971)
    if not world.accepts(redirect_uri):
        raise LoginRefused(50011)
