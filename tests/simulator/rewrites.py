"""Other ways to write the same flow: callers, called parties and web servers notice nothing."""

import copy

from simulated import flow, say, step

from mbflow.flow.control_flow import asks_for_flow, reachable
from mbflow.flow.steps import parse_program
from mbflow.flow.vocabulary import action_of


def ends_every_call(one):
    return one.get("action") in ("hangup", "fetchCallFlow") and not one.get("conditions")


def other_ids(body, random):
    """Every id is another, with the gotos that name it, and every step has one."""
    names = {one["id"]: f"here-{n}" for n, one in enumerate(body["steps"]) if one.get("id")}
    for number, one in enumerate(body["steps"]):
        one["id"] = names.get(one.get("id"), f"there-{number}")
        if one.get("onKeypressGoto"):
            one["onKeypressGoto"] = names.get(one["onKeypressGoto"], one["onKeypressGoto"])


def another_title(body, random):
    body["title"] = "Another title"


def other_order_of_conditions(body, random):
    for one in body["steps"]:
        random.shuffle(one.get("conditions") or [])


def a_condition_twice(body, random):
    some = [one for one in body["steps"] if one.get("conditions")]
    if some:
        one = random.choice(some)
        one["conditions"].append(copy.deepcopy(random.choice(one["conditions"])))


def a_step_that_no_call_comes_to(body, random):
    steps = body["steps"]
    ends = [number for number, one in enumerate(steps) if ends_every_call(one)]
    if ends:
        new = [say("Nobody hears this.", jump=("nowhere", "nothing")), step("hangup")]
        at = random.choice(ends) + 1
        body["steps"] = steps[:at] + new[: random.randint(1, 2)] + steps[at:]


def a_step_whose_conditions_never_hold(body, random):
    never = [("choice", "1"), ("choice", "2")]
    new = step("transfer", destination="31999", conditions=never)
    body["steps"].insert(random.randint(0, len(body["steps"])), new)


def without_a_step_that_no_call_comes_to(body, random):
    reached = reachable(parse_program("", body))
    body["steps"] = [one for n, one in enumerate(body["steps"]) if n in reached]


def nothing_for_a_moment(body, random):
    body["steps"].insert(random.randint(0, len(body["steps"])), step("pause", length=0))


def defaults_written_out(body, random):
    body.setdefault("record", False)
    for one in body["steps"]:
        options = one.setdefault("options", {})
        for name, rule in action_of(one.get("action")).options.items():
            if name not in options and rule.default is not None:
                options[name] = rule.default


def null_for_what_is_not_set(body, random):
    for one in body["steps"]:
        for name in ("conditions", "onKeypressVar", "onKeypressGoto", "id", "endKey"):
            one.setdefault(name, None)


def another_variable(body, random):
    """Only where no web server receives it."""
    if any(asks_for_flow(one) for one in parse_program("", body).steps):
        return
    for one in body["steps"]:
        if one.get("onKeypressVar"):
            one["onKeypressVar"] = f"my-{one['onKeypressVar']}"
        for condition in one.get("conditions") or []:
            condition["variable"] = f"my-{condition['variable']}"


def other_spelling(body, random):
    """The service finds keys without regard to case."""
    for one in body["steps"]:
        one["options"] = {key.capitalize(): v for key, v in (one.get("options") or {}).items()}


def parts_in_another_order(body, random):
    """A part begins at an id, and ends where every call ends: it can stand anywhere below."""
    parts, part = [], []
    for one in body["steps"]:
        part.append(one)
        if ends_every_call(one):
            parts.append(part)
            part = []
    if not part and len(parts) > 2:
        rest = parts[1:]
        random.shuffle(rest)
        body["steps"] = [one for part in [parts[0], *rest] for one in part]


def branches_in_another_order(body, random):
    """Branches that ask one variable for different values: a call goes through one of them."""
    steps = body["steps"]

    def asked(one):
        conditions = one.get("conditions") or []
        is_free = not one.get("id") and not one.get("onKeypressVar")
        return (
            (conditions[0]["variable"], conditions[0]["value"])
            if (len(conditions) == 1 and is_free)
            else None
        )

    for at in range(len(steps)):
        here = asked(steps[at])
        end = at
        while here and end < len(steps) and asked(steps[end]) == here:
            end += 1
        other = asked(steps[end]) if here and end < len(steps) else None
        last = end
        while other and last < len(steps) and asked(steps[last]) == other:
            last += 1
        if other and other[0] == here[0] and other[1] != here[1]:
            body["steps"] = steps[:at] + steps[end:last] + steps[at:end] + steps[last:]
            return


REWRITES = (
    other_ids,
    another_title,
    other_order_of_conditions,
    a_condition_twice,
    a_step_that_no_call_comes_to,
    a_step_whose_conditions_never_hold,
    without_a_step_that_no_call_comes_to,
    nothing_for_a_moment,
    defaults_written_out,
    null_for_what_is_not_set,
    another_variable,
    parts_in_another_order,
    branches_in_another_order,
    other_spelling,
)


def rewritten(body, random, most=3):
    """(What was done, the flow in other words): one to `most` rewrites, one after the other."""
    other = copy.deepcopy(body)
    done = random.sample(REWRITES, random.randint(1, most))
    done.sort(key=REWRITES.index)
    for rewrite in done:
        rewrite(other, random)
    return ", ".join(rewrite.__name__ for rewrite in done), other


THREE_PARTS = flow(
    say("Press a key.", jump=("one", "key")),
    step("hangup"),
    say("One.", id="one", jump=("two", "key")),
    step("hangup"),
    say("Two.", id="two", conditions=[("key", "1")]),
    step("fetchCallFlow", url="https://x.example/1"),
)
