"""Flows that are there already under no name of ours: a rename nobody declared, a twin.

Told by the body; whatever is not certain becomes a refusal with the ways out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from mbflow.flow.canonical import Form, is_alike
from mbflow.model.flow import LiveFlow, SafeBody
from mbflow.model.text import Command
from mbflow.plan.markers import is_marked
from mbflow.plan.model import Known, Match, Matches, MatchReason, Refusal


def match_recognised_moves(known: Known, matches: Matches) -> None:
    """A gone name and a new name with one and the same body, and no other like them: a rename."""
    new = [k for k in known.flows if k not in matches.matched and k not in known.entries]
    if not new or not matches.surplus:
        return
    by_body: defaultdict[str, list[str]] = defaultdict(list)
    for name in new:
        by_body[_body_digest(known.flows[name].body)].append(name)
    gone = Counter(_body_digest(flow.body) for flow in matches.surplus.values())
    for was, live in list(matches.surplus.items()):
        body = _body_digest(live.body)
        names = by_body[body]
        if gone[body] != 1 or len(names) != 1 or was in known.removed:
            continue
        if is_alike(Form(known.flows[names[0]].body), Form(live.body)):
            matches.matched[names[0]] = Match(names[0], live, MatchReason.MOVE, was)
            del matches.surplus[was]


def _body_digest(body: SafeBody) -> str:
    return Form(body).digest


def twins_elsewhere(known: Known, matches: Matches) -> list[str]:
    """Names that would be created, and are live under another project or environment's markers."""
    theirs: defaultdict[str, set[str]] = defaultdict(set)
    for flow in matches.unmanaged if matches.new else ():
        if is_marked(flow):
            theirs[flow.title].add(_body_digest(flow.body))
    new = [known.flows[name] for name in matches.new if known.flows[name].title in theirs]
    return [flow.name for flow in new if _body_digest(flow.body) in theirs[flow.title]]


def match_twins(known: Known, matches: Matches) -> None:
    """Before anything is created: is it there already, made by hand or by another tool?"""
    new = [k for k in known.flows if k not in matches.matched and not _is_locked(known, k)]
    by_title: defaultdict[str, list[LiveFlow]] = defaultdict(list)
    for flow in matches.unmanaged:
        if flow.id not in known.elsewhere and not is_marked(flow):
            by_title[flow.title].append(flow)
    names_by_title: defaultdict[str, list[str]] = defaultdict(list)
    for name in new:
        names_by_title[known.flows[name].title].append(name)
    for title in sorted(names_by_title.keys() & by_title.keys()):
        _match_title(known, matches, names_by_title[title], by_title[title])
    matches.refusals += _like_orphans(known, matches, names_by_title)
    adopted = {m.live.id for m in matches.matched.values()}
    matches.unmanaged = [flow for flow in matches.unmanaged if flow.id not in adopted]


def _like_orphans(
    known: Known, matches: Matches, names_by_title: Mapping[str, list[str]]
) -> Iterator[Refusal]:
    """New files with the title of an orphan: it may be the same flow, or another branch's."""
    orphans: defaultdict[str, list[LiveFlow]] = defaultdict(list)
    told = {word for r in matches.refusals for command in r.commands for word in command.words}
    for flow in matches.orphans:
        if flow.title and flow.id not in {*known.elsewhere, *told}:
            orphans[flow.title].append(flow)
    for title in sorted(names_by_title.keys() & orphans.keys()):
        for name in names_by_title[title]:
            if name not in matches.matched and name not in known.broken:
                yield _like_orphan(name, title, [flow.id for flow in orphans[title]])


def _like_orphan(name: str, title: str, ids: list[str]) -> Refusal:
    many = "are live flows" if len(ids) > 1 else "is a live flow"
    return Refusal(
        f'{name} would be created, but there {many} with the title "{title}" that mbflow made and '
        f"that no file here has: {', '.join(ids)}. It was forgotten, or belongs to another branch. "
        "Connect the file to it, and keep what the file says or what is live; or give the file "
        "another title.",
        (
            *(Command("mbflow", "adopt", name, flow_id) for flow_id in ids[:5]),
            Command("mbflow", "import", ids[0], "--as", name, "--force"),
        ),
    )


def _match_title(
    known: Known, matches: Matches, names: list[str], candidates: list[LiveFlow]
) -> None:
    """Files and live flows of one title: equal ones are twins, all others collide."""
    digests = {name: _body_digest(known.flows[name].body) for name in names}
    live: defaultdict[str, list[LiveFlow]] = defaultdict(list)
    for found in candidates:
        live[_body_digest(found.body)].append(found)
    others: list[str] = []
    for name in names:
        flow = known.flows[name]
        equal = [c for c in live[digests[name]] if is_alike(Form(flow.body), Form(c.body))]
        rivals = [k for k in names if k != name and digests[k] == digests[name]] if equal else []
        if len(equal) == 1 and not rivals:
            matches.matched[name] = Match(name, equal[0], MatchReason.TWIN)
        elif equal:
            matches.refusals.append(_collision(name, equal, rivals))
        elif flow.title:
            others.append(name)
    adopted = {matches.matched[name].live.id for name in names if name in matches.matched}
    _match_others(known, matches, others, [c for c in candidates if c.id not in adopted])


def _match_others(
    known: Known, matches: Matches, names: list[str], candidates: list[LiveFlow]
) -> None:
    """Files and live flows that share a title and nothing more."""
    if known.match_title and len(names) == len(candidates) == 1:
        matches.matched[names[0]] = Match(names[0], candidates[0], MatchReason.TITLE)
    elif candidates:
        matches.refusals += [_collision(name, candidates, []) for name in names]


def _collision(name: str, candidates: list[LiveFlow], rivals: list[str]) -> Refusal:
    ids = ", ".join(flow.id for flow in candidates)
    title = candidates[0].title
    like = f'with the title "{title}"' if title else "with the same steps"
    many = "are live flows" if len(candidates) > 1 else "is a live flow"
    why = f" ({name} is not the only file like it: {', '.join(rivals)})" if rivals else ""
    return Refusal(
        f"{name} would be created, but there {many} {like} that mbflow did not make: {ids}{why}. "
        "Connect the file to it, and keep what the file says or what is live; or plan to take it "
        "over; or give the file another title.",
        (
            *(Command("mbflow", "adopt", name, flow.id) for flow in candidates[:5]),
            Command("mbflow", "import", candidates[0].id, "--as", name, "--force"),
            Command("mbflow", "plan", "--match-title", "--out", "plan.json"),
        ),
    )


def _is_locked(known: Known, name: str) -> bool:
    """Whether the lock ties the name to a flow that is there."""
    return name in known.entries and known.entries[name].id in known.live
