"""Values as JSON objects: the keys scripts rely on (docs/command-line.md)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ttr_tui.errors import SettingsFaulty
from ttr_tui.model import SETUP_STEPS
from ttr_tui.problems import error_of

if TYPE_CHECKING:
    from ttr_tui.errors import TtrError
    from ttr_tui.flows.forecast import Due
    from ttr_tui.model import (
        Agent,
        Alarm,
        Attempt,
        Authentication,
        Company,
        DirectoryUser,
        Ending,
        Expected,
        Finding,
        JournalEntry,
        Person,
        Run,
        RunItem,
    )
    from ttr_tui.settings import Fault

Record = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """Return a moment in UTC, ISO 8601 to the second with Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def company_record(company: Company) -> Record:
    """Return a company."""
    return {
        "id": company.id,
        "name": company.name,
        "domain": company.domain,
        "tenant_id": company.tenant_id,
        "authority_host": company.authority_host,
        "graph_base_url": company.graph_base_url,
        "created_at": moment(company.created_at),
        "consent_proven_at": moment(company.consent_proven_at),
    }


def person_record(person: Person) -> Record:
    """Return who signed in."""
    return {
        "name": person.name,
        "user_principal_name": person.user_principal_name,
        "object_id": person.object_id,
        "tenant_id": person.tenant_id,
    }


def authentication_record(authentication: Authentication) -> Record:
    """Return an authentication, without its secret."""
    return {
        "id": authentication.id,
        "company_id": authentication.company_id,
        "kind": authentication.kind.value,
        "user_principal_name": authentication.user_principal_name,
        "name": authentication.name,
        "address": authentication.address,
        "status": authentication.status.value,
        "status_reason": authentication.status_reason,
        "status_since": moment(authentication.status_since),
        "since": moment(authentication.since),
        "signed_in_again_at": moment(authentication.signed_in_again_at),
        "last_used": moment(authentication.last_used),
        "expires_at": moment(authentication.expires_at),
        "parent_id": authentication.parent_id,
        "agent_id": authentication.agent_id,
        "object_id": authentication.object_id,
        "scopes": list(authentication.scopes),
        "granted_by": authentication.granted_by,
        "person": person_record(authentication.person) if authentication.person else None,
        "refusal": error_record(error_of(authentication.refusal))
        if authentication.refusal
        else None,
        "refusal_class": authentication.refusal_class,
        "refusals": authentication.refusals,
        "next_try_at": moment(authentication.next_try_at),
    }


def agent_record(agent: Agent) -> Record:
    """Return an agent."""
    return {
        "id": agent.id,
        "company_id": agent.company_id,
        "object_id": agent.object_id,
        "name": agent.name,
        "address": agent.address,
        "created_at": moment(agent.created_at),
    }


def attempt_record(attempt: Attempt) -> Record:
    """Return an attempt; its link only while it leads anywhere."""
    return {
        "id": attempt.id,
        "company_id": attempt.company_id,
        "purpose": attempt.purpose.value,
        "link": attempt.link if attempt.ended is None else None,
        "station": attempt.station.value,
        "station_at": moment(attempt.station_at),
        "created_at": moment(attempt.created_at),
        "expires_at": moment(attempt.expires_at),
        "asked_by": attempt.asked_by,
        "agent_id": attempt.agent_id or None,
        "expected": _expected_record(attempt.expected) if attempt.expected else None,
        "person": person_record(attempt.person) if attempt.person else None,
        "signed_in": person_record(attempt.signed_in) if attempt.signed_in else None,
        "ended": attempt.ended.value if attempt.ended else None,
        "ended_at": moment(attempt.ended_at),
        "refusal": error_record(error_of(attempt.refusal)) if attempt.refusal else None,
    }


def _expected_record(expected: Expected) -> Record:
    return {
        "object_id": expected.object_id or None,
        "name": expected.name,
        "address": expected.address,
        "user_principal_name": expected.user_principal_name,
    }


def user_record(user: DirectoryUser) -> Record:
    """Return a user of a tenant's directory."""
    return {
        "object_id": user.object_id,
        "name": user.name,
        "user_principal_name": user.user_principal_name,
        "address": user.address,
        "department": user.department,
        "title": user.title,
        "office": user.office,
        "aliases": list(user.aliases),
        "enabled": user.enabled,
        "licensed": user.licensed,
        "kind": user.kind.value,
        "is_agent": user.is_agent,
    }


def run_record(run: Run) -> Record:
    """Return a bulk-add run."""
    return {
        "id": run.id,
        "company_id": run.company_id,
        "started_at": moment(run.started_at),
        "started_by": run.started_by,
        "ended_at": moment(run.ended_at),
        "stopped": run.stopped,
        "counts": {outcome.value: count for outcome, count in run.counts.items()},
    }


def outcome_record(item: RunItem) -> Record:
    """Return what became of one user of a run."""
    return {
        "object_id": item.object_id,
        "name": item.name,
        "address": item.address,
        "outcome": item.outcome.value,
        "reason": item.reason,
    }


def journal_record(entry: JournalEntry) -> Record:
    """Return an entry of the journal."""
    return {
        "id": entry.id,
        "at": moment(entry.at),
        "who": entry.who,
        "origin": entry.origin,
        "what": entry.what,
        "company": entry.company_name,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "detail": entry.detail,
    }


def fault_record(fault: Fault) -> Record:
    """Return what is wrong with the settings; never a value."""
    return {
        "severity": fault.severity,
        "where": fault.where,
        "file": fault.file,
        "line": fault.line or None,
        "name": fault.name,
        "problem": fault.problem,
        "cure": fault.cure,
        "command": fault.command,
    }


def alarm_record(alarm: Alarm) -> Record:
    """Return what stops a company."""
    return {
        "cause": alarm.cause,
        "since": moment(alarm.since),
        "last_at": moment(alarm.last_at),
        "times": alarm.times,
        "error": error_record(error_of(alarm.problem)),
    }


def finding_record(finding: Finding) -> Record:
    """Return what a check found; `step` is its number in the set-up guide, None for a proof."""
    step = SETUP_STEPS.index(finding.check) + 1 if finding.check in SETUP_STEPS else None
    return {
        "check": finding.check.value,
        "step": step,
        "verdict": finding.verdict.value,
        "seen": finding.seen,
        "checked_at": moment(finding.checked_at),
        "evidence": [
            {
                "text": one.text,
                "verdict": one.verdict.value if one.verdict else None,
                "note": one.note,
            }
            for one in finding.evidence
        ],
        "means": finding.means,
        "who": finding.who,
        "cure": finding.cure,
        "lines": list(finding.lines),
        "link": finding.link or None,
        "endings": [ending_record(ending) for ending in finding.endings],
        "error": error_record(error_of(finding.problem)) if finding.problem else None,
    }


def ending_record(ending: Ending) -> Record:
    """Return something with a date."""
    return {
        "kind": ending.kind.value,
        "subject": ending.subject,
        "ends_at": moment(ending.at),
        "note": ending.note,
    }


def due_record(due: Due, company: Company | None) -> Record:
    """Return something with a date and what it means today; no company: it concerns all."""
    return {
        "company_id": company.id if company else None,
        "company": company.name if company else None,
        **ending_record(due.ending),
        "verdict": due.verdict.value,
        "days": due.days,
        "notice_days": due.level,
    }


def error_record(problem: TtrError) -> Record:
    """Return an error with what Microsoft identifies it by."""
    record: Record = {
        "kind": type(problem).__name__,
        "happened": problem.happened,
        "means": problem.means,
        "who": problem.who,
        "cure": problem.cure,
        "code": problem.evidence.code,
        "correlation_id": problem.evidence.correlation_id,
        "trace_id": problem.evidence.trace_id,
        "time": problem.evidence.timestamp,
    }
    if isinstance(problem, SettingsFaulty):
        record["faults"] = list(problem.faults)
    return record
