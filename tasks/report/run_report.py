"""The report of a run: what was decided and why, what left, what waits for a person. Counts that add up."""

import base64
from collections import Counter
from collections.abc import Sequence

from dunning.decision import Blocked, Nothing, SendNotice
from dunning.errors import RuleViolation
from dunning.money import plain
from dunning.notice import step_name
from dunning.reasons import WORDS, Reason
from tasks.ladder.runs import Plan
from tasks.ladder.survey import answer_text, answer_word
from tasks.outbox.dispatch import Delivery
from tasks.outbox.recovery import Recovered
from tasks.report.markdown import euros, table
from tasks.report.wording import in_words

LONGEST_TABLE = 500
"""Rows of a table artifact; the rest is counted."""
COLORS = {"send_notice": "#2f855a", "propose_hand_over": "#b7791f", "blocked": "#c53030"}


def run_report(plan: Plan, deliveries: Sequence[Delivery], recovered: Recovered | None = None) -> str:
    """The run in Markdown. RuleViolation where its counts do not add up to the claims looked at."""
    counts = plan.counts
    if sum(counts.values()) != len(plan.answers):
        raise RuleViolation("the counts of the run do not add up to the claims looked at")
    title = "Dry run" if plan.run_id is None else "Dunning run"
    parts = [f"# {title} of {plan.as_of:%A, %Y-%m-%d}", _headline(plan, deliveries)]
    if plan.held_because:
        parts.append(_held(plan))
    parts += [_counts(counts, len(plan.answers)), _notices(plan), _reasons(plan), _deliveries(deliveries)]
    if recovered and any((recovered.became_uncertain, recovered.expired, recovered.proved_sent, recovered.freed)):
        parts.append(
            f"Put in order first: {recovered.freed} leases freed, {recovered.became_uncertain} became uncertain, "
            f"{recovered.proved_sent} proved sent, {recovered.proved_unsent} proved unsent, "
            f"{recovered.expired} expired and decided anew."
        )
    return "\n\n".join(part for part in parts if part)


def answers_table(plan: Plan) -> list[dict[str, object]]:
    """One row a claim, the acting ones first."""
    ordered = sorted(plan.answers, key=lambda each: (not each.acts, each.number))
    return [
        {
            "invoice": each.number,
            "answer": answer_word(each.decision).replace("_", " "),
            "why": in_words(each.decision),
            "open": euros(each.open_cents),
        }
        for each in ordered[:LONGEST_TABLE]
    ]


def summary(plan: Plan, deliveries: Sequence[Delivery]) -> str:
    """One line for the state of the run."""
    if plan.held_because:
        return f"held: {'; '.join(plan.held_because)}; approve list {plan.list_sha256[:12]} to go on"
    proposed = plan.counts["propose_hand_over"]
    if plan.run_id is None:
        notices = plan.counts["send_notice"]
        return f"{len(plan.answers)} claims looked at: would send {notices} notices, propose {proposed} hand-overs"
    sent = Counter(str(each.status) for each in deliveries)
    said = ", ".join(f"{count} {status}" for status, count in sorted(sent.items())) or "nothing to send"
    return f"{len(plan.answers)} claims looked at: {said}, {proposed} hand-overs proposed"


def run_json(plan: Plan, deliveries: Sequence[Delivery]) -> dict[str, object]:
    """The run for programs: numbers, dates and codes only."""
    return {
        "as_of": plan.as_of.isoformat(),
        "dry_run": plan.run_id is None,
        "looked_at": len(plan.answers),
        "answers": dict(plan.counts),
        "held_because": list(plan.held_because),
        "list_sha256": plan.list_sha256,
        "claims": [
            {"invoice": each.number, "answer": answer_text(each.decision), "open": plain(each.open_cents)}
            for each in plan.answers
        ],
        "deliveries": [
            {"invoice": each.number, "level": each.level, "status": str(each.status), "reason": each.reason}
            for each in deliveries
        ],
    }


def _headline(plan: Plan, deliveries: Sequence[Delivery]) -> str:
    until = plan.circumstances.bank_data_until
    return f"**{summary(plan, deliveries)}.** Payments are known up to {until or 'no day: no statement came in yet'}."


def _held(plan: Plan) -> str:
    reasons = "\n".join(f"* {reason}" for reason in plan.held_because)
    return (
        f"## The circuit breaker stopped this run\n\n{reasons}\n\nNothing was sent. If the list is right, start "
        f"`dunning-run` again with this approval: list `{plan.list_sha256}`, your name and the reason."
    )


def _counts(counts: Counter[str], looked_at: int) -> str:
    rows: list[tuple[object, ...]] = [(word.replace("_", " "), count) for word, count in sorted(counts.items())]
    rows.append(("**claims looked at**", f"**{looked_at}**"))
    chart = f"\n\n![answers](data:image/svg+xml;base64,{_chart(counts)})" if counts else ""
    return table(("answer", "claims"), rows) + chart


def _notices(plan: Plan) -> str:
    levels: dict[int, list[int]] = {}
    for answer in plan.answers:
        if isinstance(answer.decision, SendNotice):
            levels.setdefault(answer.decision.level, []).append(answer.decision.amounts.total_cents)
    if not levels:
        return ""
    rows = [(step_name(level), len(sums), euros(sum(sums))) for level, sums in sorted(levels.items())]
    return "## Notices\n\n" + table(("notice", "claims", "demanded"), rows)


def _reasons(plan: Plan) -> str:
    reasons: Counter[Reason] = Counter()
    for answer in plan.answers:
        match answer.decision:
            case Blocked(reasons=blocks):
                reasons.update(blocks)
            case Nothing(reason=reason):
                reasons[reason] += 1
    if not reasons:
        return ""
    rows = [(count, str(reason), WORDS[reason]) for reason, count in reasons.most_common()]
    return "## Why not\n\n" + table(("claims", "code", "reason"), rows)


def _deliveries(deliveries: Sequence[Delivery]) -> str:
    problems = [each for each in deliveries if each.status not in ("sent", "cancelled")]
    if not problems:
        return ""
    rows = [(each.number, step_name(each.level), str(each.status), each.reason) for each in problems[:LONGEST_TABLE]]
    return "## For staff\n\n" + table(("invoice", "step", "state", "cause"), rows)


def _chart(counts: Counter[str]) -> str:
    """A bar per answer, as base64 of an SVG."""
    top, bars = max(counts.values()), []
    for row, (word, count) in enumerate(sorted(counts.items())):
        y, width = 8 + row * 26, max(2, 300 * count // top)
        color = COLORS.get(word, "#718096")
        bars.append(
            f'<text x="130" y="{y + 14}" text-anchor="end">{word.replace("_", " ")}</text>'
            f'<rect x="138" y="{y}" width="{width}" height="18" rx="3" fill="{color}"/>'
            f'<text x="{144 + width}" y="{y + 14}">{count}</text>'
        )
    height = 16 + 26 * len(counts)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="500" height="{height}" font-family="sans-serif" '
        f'font-size="13" fill="#8a94a6">{"".join(bars)}</svg>'
    )
    return base64.b64encode(svg.encode()).decode()
