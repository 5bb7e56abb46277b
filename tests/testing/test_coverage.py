"""Which branches a flow has, and which a call goes through."""

from mbflow.flow.steps import parse_program
from mbflow.simulator.caller import HangUp, Machine, Press
from mbflow.simulator.replies import CalleeAnswer, FlowReply, Outcome
from mbflow.simulator.simulate import simulate
from mbflow.testing.coverage import BranchKind, branches, measure, percent

SALES = "31201234567"


def say(payload="Hello.", **fields):
    return {"action": "say", "options": {"payload": payload}, **fields}


def if_choice(value):
    return {"conditions": [{"variable": "choice", "operator": "==", "value": value}]}


ASKS = {"onKeypressGoto": "menu", "onKeypressVar": "choice"}
MENU = parse_program(
    "menu",
    {
        "steps": [
            say("Press 1 or 2.", **ASKS),
            {"action": "pause", "options": {"length": 5}, **ASKS},
            {"action": "hangup"},
            {
                "id": "menu",
                "action": "transfer",
                "options": {"destination": SALES},
                **if_choice("1"),
            },
            say("Two.", **if_choice("2")),
        ]
    },
)


def kinds(program):
    return [(branch.step, branch.kind) for branch in branches(program)]


def missed(program, *transcripts):
    (flow,) = measure({program.name: program}, transcripts)
    return [(branch.step, branch.kind) for branch in flow.missed]


def test_the_branches_of_a_menu():
    assert kinds(MENU) == [
        (0, BranchKind.RUN),
        (0, BranchKind.KEYS),
        (1, BranchKind.RUN),
        (1, BranchKind.NOBODY),
        (2, BranchKind.RUN),
        (3, BranchKind.RUN),
        (3, BranchKind.SKIPPED),
        (3, BranchKind.ANSWERED),
        (3, BranchKind.UNANSWERED),
        (4, BranchKind.RUN),
        (4, BranchKind.SKIPPED),
        (4, BranchKind.FALLS_OFF),
    ]


def test_a_text_and_the_pause_after_it_are_one_question():
    in_the_pause = simulate(MENU, [Press("2", at=3000)])
    in_the_text = simulate(MENU, [Press("2", at=500)])
    assert (0, BranchKind.KEYS) not in missed(MENU, in_the_pause)
    assert (0, BranchKind.KEYS) not in missed(MENU, in_the_text)


def test_questions_for_different_keys_are_two():
    program = parse_program("two", {"steps": [say(**ASKS), say(onKeypressVar="other")]})
    assert [kind for _, kind in kinds(program)].count(BranchKind.KEYS) == 2


def test_one_call_misses_what_it_does_not_go_through():
    assert missed(MENU, simulate(MENU, [Press("1")])) == [
        (1, BranchKind.RUN),
        (1, BranchKind.NOBODY),
        (2, BranchKind.RUN),
        (3, BranchKind.SKIPPED),
        (3, BranchKind.UNANSWERED),
        (4, BranchKind.RUN),
        (4, BranchKind.SKIPPED),
        (4, BranchKind.FALLS_OFF),
    ]


def everyone_is_busy(number):
    return CalleeAnswer(Outcome.BUSY)


def test_four_calls_cover_the_menu():
    calls = [
        simulate(MENU, [Press("1")]),
        simulate(MENU, [Press("1")], transfers=everyone_is_busy),
        simulate(MENU, [Press("2")]),
        simulate(MENU),
    ]
    assert missed(MENU, *calls) == []
    assert percent(measure({"menu": MENU}, calls)) == 100
    for one_left_out in range(len(calls)):
        rest = calls[:one_left_out] + calls[one_left_out + 1 :]
        assert missed(MENU, *rest) != []


def test_a_step_in_which_the_caller_hangs_up_has_run():
    program = parse_program("say", {"steps": [say("A longer text.")]})
    assert missed(program, simulate(program, [HangUp(at=300)])) == [(0, BranchKind.FALLS_OFF)]


def test_a_machine_is_a_branch_only_where_it_is_hung_up_on():
    waits = parse_program("waits", {"steps": [say()]})
    options = {"payload": "Hello.", "ifMachine": "hangup"}
    leaves = parse_program("leaves", {"steps": [{"action": "say", "options": options}]})
    assert BranchKind.MACHINE not in [kind for _, kind in kinds(waits)]
    assert missed(leaves, simulate(leaves), simulate(leaves, [Machine()])) == []
    assert missed(leaves, simulate(leaves)) == [(0, BranchKind.MACHINE)]


def test_a_recording_that_asks_for_keys_can_be_left_in_silence():
    step = {"action": "record", "options": {"timeout": 3, "onFinish": "https://x.example"}}
    program = parse_program("record", {"steps": [step | {"onKeypressVar": "x"}]})
    assert [kind for _, kind in kinds(program)] == [
        BranchKind.RUN,
        BranchKind.FETCHED,
        BranchKind.UNFETCHED,
        BranchKind.KEYS,
        BranchKind.NOBODY,
        BranchKind.FALLS_OFF,
    ]
    covered = missed(program, simulate(program))
    assert (0, BranchKind.NOBODY) not in covered and (0, BranchKind.FETCHED) not in covered


def test_a_looped_question_cannot_be_left_in_silence():
    options = {"payload": "Press 1.", "loop": True}
    step = {"action": "say", "options": options, "onKeypressVar": "x"}
    assert BranchKind.NOBODY not in [
        kind for _, kind in kinds(parse_program("x", {"steps": [step]}))
    ]


def test_a_fetched_flow_counts_for_the_flow_it_is():
    options = {"url": "https://x.example"}
    fetches = parse_program("main", {"steps": [{"action": "fetchCallFlow", "options": options}]})
    call = simulate(fetches, replies=lambda request: FlowReply(MENU))
    main, menu = measure({"main": fetches, "menu": MENU}, [call])
    assert main.missed == ()
    assert [branch.step for branch in menu.missed] == [0, 3, 3, 3, 3, 4, 4, 4]


def test_what_conditions_make_impossible_is_not_counted():
    steps = [
        say("Press 1 or 2.", **ASKS),
        {"action": "hangup"},
        {"action": "hangup", "id": "menu", **if_choice("1")},
        say("One.", **if_choice("1")),
        say("Seventeen.", **if_choice("17")),
        {"action": "hangup"},
        say("Lost."),
    ]
    program = parse_program("main", {"steps": steps})
    calls = [simulate(program, [Press(key)]) for key in "12"]
    (flow,) = measure({"main": program}, [*calls, simulate(program)])
    assert flow.missed == ()
    found = [(branch.step, branch.kind) for branch in flow.branches]
    assert [kind for step, kind in found if step == 3] == [BranchKind.SKIPPED]
    assert [kind for step, kind in found if step == 4] == [BranchKind.SKIPPED]
    assert 6 not in [step for step, _ in found]


def test_a_number_answers_every_time_or_never():
    ring = {"action": "transfer", "options": {"destination": SALES}}
    program = parse_program("main", {"steps": [ring, ring, {"action": "hangup"}]})
    calls = [simulate(program), simulate(program, transfers=everyone_is_busy)]
    assert percent(measure({"main": program}, calls)) == 100


def test_what_another_flow_has_set_counts_where_it_was():
    reads = parse_program("reads", {"steps": [say("One.", **if_choice("1")), say("Bye.")]})
    options = {"url": "https://x.example"}
    steps = [say("Press 1.", **ASKS), {"id": "menu", "action": "fetchCallFlow", "options": options}]
    asks = parse_program("asks", {"steps": steps})
    call = simulate(asks, [Press("1")], replies=lambda request: FlowReply(reads))
    (alone,) = measure({"reads": reads}, [simulate(reads)])
    assert (0, BranchKind.RUN) not in [(one.step, one.kind) for one in alone.branches]
    (fetched,) = measure({"reads": reads}, [call])
    assert (0, BranchKind.RUN) in [(one.step, one.kind) for one in fetched.branches]


def test_a_secret_in_a_number_leaves_all_branches():
    steps = [{"action": "record", "options": {"maxLength": 60}}, say("Bye.")]
    shown = [{"action": "record", "options": {"maxLength": "${secret}"}}, say("Bye.")]
    program = parse_program("main", {"steps": shown}, {"steps": steps})
    assert missed(program, simulate(program, [HangUp(at=300)])) == [
        (1, BranchKind.RUN),
        (1, BranchKind.FALLS_OFF),
    ]


def test_other_flows_are_left_out():
    assert measure({}, [simulate(MENU)]) == []
    assert percent([]) == 100


def test_the_share_is_never_rounded_up_to_all():
    many = parse_program("many", {"steps": [say() for _ in range(1999)] + [{"action": "hangup"}]})
    call = simulate(many, [HangUp(at=400 * 1999 - 1)])
    assert percent(measure({"many": many}, [call])) == 99.9
