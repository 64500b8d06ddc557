"""What is refused: with a sentence, an exit status, and nothing changed."""

from __future__ import annotations

from tests.cli.conftest import Program
from tests.office import open_office
from ttr_tui.model import Company


async def test_an_unknown_company_is_status_1(ttr: Program) -> None:
    """The sentence on stderr, the same as JSON on stdout."""
    done = await ttr("users", "Nobody Ltd", "--json")
    assert done.status == 1
    assert done.record["error"]["kind"] == "CompanyUnknown"
    assert done.err.strip()


async def test_an_unknown_domain_is_status_1(ttr: Program) -> None:
    """Nothing is saved."""
    done = await ttr("companies", "add", "Nobody Ltd", "nobody.example", "--json")
    assert done.status == 1
    assert done.record["error"]["kind"] == "TenantUnknown"


async def test_faults_close_microsoft_alone(ttr: Program, connected: Company) -> None:
    """What is stored can be seen meanwhile; what needs Microsoft is status 2 with every fault."""
    ttr.write(MS_GRAPH_CLIENT_ID="none", MS_GRAPH_REDIRECT="https://portal-url/x")
    listed = await ttr("authentications", "list", "--json")
    assert listed.status == 0, listed.err
    assert listed.record["companies"][0]["company_master"]["status"] == "healthy"
    refused = await ttr("users", connected.name, "--refresh", "--json")
    assert refused.status == 2
    assert len(refused.record["error"]["faults"]) == 2


async def test_wrong_use_is_a_document_too(ttr: Program) -> None:
    """Whoever finds it - the program's own options, a command's, a command - status 2 and why."""
    for words in (["--nonsense"], ["journal", "--since", "soon"], ["agents", "add", "Contoso"]):
        done = await ttr(*words, "--json")
        assert done.status == 2
        assert done.record["error"]["kind"] == "WrongUse"
        assert done.record["error"]["happened"]
        assert "Error: " in done.err


async def test_a_store_without_its_key_is_status_1(ttr: Program, connected: Company) -> None:
    """The key that is needed is named, and none is made."""
    (ttr.folder / "store.key").unlink()
    done = await ttr("companies", "list", "--json")
    assert done.status == 1
    assert done.record["error"]["kind"] == "StoreKeyMissing"
    assert not (ttr.folder / "store.key").exists()


async def test_declined_consent_ends_the_command(ttr: Program) -> None:
    """Microsoft's refusal is passed on, and the exit status says so."""
    tenant = ttr.sandbox.tenants[0]
    await ttr("companies", "add", "Contoso", tenant.domain)
    process = await ttr.start("connect", "Contoso", "--step", "consent", "--json")
    events = await ttr.follow_links(process, accept=False)
    done = await ttr.finish(process)
    assert done.status == 1
    assert [event.get("event") for event in events] == ["link", None]
    assert events[-1]["error"]["kind"] == "ConsentDenied"
    assert events[-1]["error"]["happened"]


async def test_nobody_to_ask_means_nothing_happens(ttr: Program, connected: Company) -> None:
    """Without a terminal and without --yes every question is a refusal."""
    users = await ttr("users", connected.name, "--json")
    one = next(u for u in users.record["users"] if u["kind"] == "member")
    for words in (
        ("connect", connected.name, "--step", "sign-in"),
        ("agents", "add", connected.name, "--user", one["user_principal_name"]),
        ("authentications", "revoke", "--company-master", connected.name),
    ):
        done = await ttr(*words)
        assert done.status == 1, words
        assert "Nobody can be asked here." in done.err
        assert done.out == ""
    left = await ttr("authentications", "list", "--json")
    assert left.record["companies"][0]["company_master"]["status"] == "healthy"


async def test_only_the_expected_person_is_stored(ttr: Program, connected: Company) -> None:
    """Another one of the same tenant is refused, and the former sign-in stands."""
    before = (await ttr("authentications", "list", "--json")).record["companies"][0]
    process = await ttr.start(
        "connect", connected.name, "--step", "sign-in", "--expect", "a@b.example", "--json"
    )
    events = await ttr.follow_links(process)
    done = await ttr.finish(process)
    assert done.status == 1
    assert events[-1]["error"]["kind"] == "NotConfirmed"
    assert "What came was erased." in done.err
    after = (await ttr("authentications", "list", "--json")).record["companies"][0]
    assert after["company_master"]["since"] == before["company_master"]["since"]
    assert after["company_master"]["signed_in_again_at"] is None


async def test_another_administrator_needs_the_companys_name(
    ttr: Program, connected: Company
) -> None:
    """A take-over is refused with --yes alone, and done with the name."""
    other = ttr.sandbox.tenants[0].other_administrator.user_principal_name
    words = ("connect", connected.name, "--step", "sign-in", "--yes", "--json")
    process = await ttr.start(*words)
    await ttr.follow_links(process, account=other)
    assert (await ttr.finish(process)).status == 1
    process = await ttr.start(*words, "--take-over", connected.name)
    events = await ttr.follow_links(process, account=other)
    done = await ttr.finish(process)
    assert done.status == 0, done.err
    assert events[-1]["company_master"]["person"]["user_principal_name"] == other


async def test_a_refused_company_master_still_shows_the_last_copy(
    ttr: Program, connected: Company
) -> None:
    """Microsoft's no is said with its code and ids, the copy is printed, nobody can be added."""
    assert (await ttr("users", connected.name)).status == 0
    ttr.sandbox.dials.refresh_revoked = True
    done = await ttr("users", connected.name, "--refresh", "--json")
    assert done.status == 1
    assert done.record["users"]
    assert done.record["problem"]["kind"] == "SignInNeeded"
    assert done.record["problem"]["code"] == "AADSTS50173"
    assert done.record["problem"]["correlation_id"]
    upn = ttr.sandbox.tenants[0].ordinary.user_principal_name
    adding = await ttr("agents", "add", connected.name, "--user", upn, "--yes", "--json")
    assert adding.status == 1
    assert adding.record["error"]["kind"] == "SignInNeeded"


async def test_a_deletion_that_a_crash_broke_off_is_resumed(
    ttr: Program, connected: Company
) -> None:
    """Whatever command comes next: what was to go does not live on."""
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        store = office.runtime.store
        master = await office.runtime.access.company_master(connected)
        async with store.transaction() as tx:
            await store.revocations.plan(tx, connected, [master.id])
    assert (await ttr("journal")).status == 0
    listed = await ttr("authentications", "list", "--json")
    assert listed.record["companies"][0]["company_master"] is None
