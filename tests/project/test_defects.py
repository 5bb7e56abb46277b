# ruff: noqa: E501  (messages stand whole)
"""One small file a defect, named by it: the rule, the place, and every word of the message."""

import shutil
from pathlib import Path

import pytest

from mbflow.testing.validate import check

DEFECTS = Path(__file__).parent / "defects"
EXPECTED = {
    "unquoted_phone_number": [
        (
            "schema",
            4,
            20,
            'destination must be text. Put it in quotes: destination: "+442079460123". Without quotes it is the number 442079460123.',
        ),
    ],
    "unquoted_number_with_zero": [
        (
            "schema",
            3,
            28,
            'destination must be text. Put it in quotes: destination: "0612". Without quotes it is the number 612.',
        ),
    ],
    "repeat_in_quotes": [
        ("schema", 3, 72, "repeat must be a whole number, not text. Remove the quotes: repeat: 3."),
    ],
    "goto_inside_options": [
        (
            "schema",
            3,
            64,
            'onKeypressGoto belongs to the step, not to its options. Move it beside "action" and "options".',
        ),
    ],
    "option_beside_options": [
        ("schema", 3, 5, 'length is an option. Move it under the "options" of this step.'),
    ],
    "option_of_another_action": [
        (
            "schema",
            3,
            26,
            "payload is an option of say, not of pause. Remove it, or change the action.",
        ),
    ],
    "misspelt_option": [
        ("schema", 3, 15, 'say has no option "paylod". Did you mean "payload"?'),
    ],
    "misspelt_step_key": [
        ("schema", 3, 5, 'A step has no key "onKeypressgoto". Did you mean "onKeypressGoto"?'),
    ],
    "misspelt_flow_key": [
        ("schema", 1, 1, 'A call flow has no key "titel". Did you mean "title"?'),
    ],
    "misspelt_action": [
        ("schema", 2, 13, 'There is no action "hang-up". Did you mean "hangup"?'),
    ],
    "unknown_action": [
        (
            "schema",
            2,
            13,
            'There is no action "dance". Use transfer, say, play, pause, record, fetchCallFlow, sendKeys or hangup.',
        ),
    ],
    "missing_action": [
        (
            "schema",
            2,
            5,
            'This step has no action. Write "action:" with transfer, say, play, pause, record, fetchCallFlow, sendKeys or hangup.',
        ),
    ],
    "missing_options": [
        ("schema", 2, 5, "say needs options: payload, language and voice."),
    ],
    "missing_option": [
        ("schema", 3, 5, "say needs the options language and voice."),
    ],
    "missing_steps": [
        ("schema", 1, 1, 'The flow has no steps. Write them as a list under "steps:".'),
    ],
    "empty_steps": [
        ("schema", 1, 8, "steps is empty. A flow needs at least one step."),
    ],
    "steps_are_a_mapping": [
        ("schema", 1, 1, "steps must be a list, not a mapping."),
    ],
    "step_is_a_word": [
        ("schema", 2, 5, 'Step 1 must be a mapping of keys and values, not "hangup".'),
    ],
    "step_key_at_the_top": [
        (
            "schema",
            1,
            1,
            'action belongs to a step. Move it into an item of the list under "steps".',
        ),
    ],
    "file_is_a_list": [
        ("schema", 1, 1, "The file must be a mapping of keys and values, not a list."),
    ],
    "file_is_null": [
        ("schema", 1, 1, "The file must be a mapping of keys and values, not empty."),
    ],
    "wrong_voice": [
        ("schema", 3, 56, 'voice must be male or female, not "femal". Did you mean "female"?'),
    ],
    "wrong_language": [
        ("schema", 3, 42, 'language cannot be "english". Write it like en-GB or nl-NL.'),
    ],
    "repeat_too_high": [
        ("schema", 3, 72, "repeat must be at most 10, not 11."),
    ],
    "machine_timeout_too_low": [
        ("schema", 3, 80, "machineTimeout must be at least 400, not 399."),
    ],
    "length_negative": [
        ("schema", 3, 23, "length must be at least 0, not -1."),
    ],
    "length_fraction": [
        ("schema", 3, 23, "length must be a whole number, not the number 1.5."),
    ],
    "yes_is_text": [
        ("schema", 3, 50, 'mask must be true or false, not "yes". Write mask: true.'),
    ],
    "hash_is_a_comment": [
        (
            "schema",
            4,
            19,
            'finishOnKey has no value: # begins a comment. If the key # is meant, put it in quotes: finishOnKey: "#".',
        ),
    ],
    "star_is_an_alias": [
        (
            "yaml-syntax",
            3,
            29,
            'This is not valid YAML: did not find expected alphabetic or numeric character. Text that begins with * or & needs quotes, as in "*".',
        ),
    ],
    "empty_option": [
        ("schema", 4, 15, "timeout has no value. Give it one, or remove the key."),
    ],
    "condition_value_is_a_number": [
        ("schema", 3, 60, 'value must be text. Put it in quotes: value: "1".'),
    ],
    "condition_operator": [
        ("schema", 3, 47, 'operator must be ==, not "!=".'),
    ],
    "id_is_a_number": [
        ("schema", 2, 10, 'id must be text. Put it in quotes: id: "3".'),
    ],
    "media_is_a_mapping": [
        ("schema", 3, 22, "media must be text or a list, not a mapping."),
    ],
    "unknown_mbflow_key": [
        ("schema", 4, 3, 'There is no key "protected" here. Did you mean "protect"?'),
    ],
    "exception_without_reason": [
        ("schema", 6, 17, "The exception to same-title needs a reason."),
    ],
    "exception_to_an_error": [
        (
            "unknown-rule",
            6,
            5,
            'The rule "unknown-goto" is an error: it cannot be excepted, lowered or turned off.',
        ),
    ],
    "exception_to_no_rule": [
        ("unknown-rule", 6, 5, 'There is no rule "same-titles". Did you mean "same-title"?'),
    ],
    "duplicate_id": [
        (
            "duplicate-id",
            3,
            10,
            'Step 1 has the id "bye" too. Ids must be unique within a flow: change one of them.',
        ),
    ],
    "unknown_goto": [
        (
            "unknown-goto",
            3,
            21,
            'No step has the id "nowhere". Give it to the step that the key leads to.',
        ),
    ],
    "misspelt_goto": [
        ("unknown-goto", 3, 21, 'No step has the id "sale". Did you mean "sales"?'),
    ],
    "marker_id": [
        (
            "marker-id",
            4,
            9,
            "This id is a marker of mbflow, copied from a live flow. Remove it, or choose a name if an onKeypressGoto needs one.",
        ),
    ],
    "action_as_key": [
        ("schema", 3, 5, 'A step has no key "say". Did you mean "action: say"?'),
    ],
    "options_too_little_indented": [
        ("schema", 5, 5, 'payload is an option. Move it under the "options" of this step.'),
    ],
    "service_fields": [
        (
            "service-fields",
            1,
            12,
            "createdAt is set by the service and ignored here. Remove the line.",
        ),
    ],
    "unknown_variable": [
        (
            "unknown-variable",
            3,
            28,
            'There is no variable "sales". Declare it under variables in mbflow.yaml.',
        ),
    ],
    "incomplete_reference": [
        (
            "unknown-variable",
            1,
            8,
            "${ is not a reference to a variable: write ${name}, or $${ for the text ${.",
        ),
    ],
    "duplicate_key": [
        (
            "duplicate-key",
            3,
            5,
            'The key "action" is given twice, first in line 2. Keep one of them.',
        ),
    ],
    "merge_key": [
        (
            "yaml-merge-key",
            5,
            15,
            "YAML 1.2 has no merge keys: << is not understood. Write the keys out.",
        ),
        ("schema", 5, 14, "pause needs the option length."),
    ],
    "tag": [
        (
            "yaml-tag",
            1,
            8,
            "The tag !!str has no meaning here. Remove it; quotes make any value text.",
        ),
    ],
    "number_as_key": [
        ("yaml-key", 1, 1, 'The key 1 is not text. Put it in quotes: "1".'),
    ],
    "not_a_number": [
        ("yaml-number", 3, 23, ".nan is not a number that JSON can hold."),
    ],
    "two_documents": [
        (
            "yaml-documents",
            3,
            1,
            "A second document begins here. A file holds only one: remove the ---.",
        ),
    ],
    "reference_between_brackets": [
        (
            "yaml-syntax",
            3,
            29,
            'This is not valid YAML: between brackets a reference to a variable needs quotes, as in {destination: "${number}"}.',
        ),
    ],
    "empty": [
        ("yaml-empty", 1, 1, "The file is empty, or holds only comments."),
    ],
    "endless_alias": [
        (
            "yaml-alias",
            1,
            8,
            "This alias is inside the value that it repeats. Write out what is meant instead.",
        ),
    ],
    "undefined_alias": [
        (
            "yaml-syntax",
            1,
            8,
            'This is not valid YAML: found undefined alias. No anchor has that name. Text that begins with * or & needs quotes, as in "*".',
        ),
    ],
    "tab_indents": [
        (
            "yaml-syntax",
            2,
            1,
            "This is not valid YAML: found character that cannot start any token. A tab cannot be used for indentation: use spaces.",
        ),
    ],
    "colon_in_text": [
        (
            "yaml-syntax",
            1,
            15,
            "This is not valid YAML: mapping values are not allowed in this context. A colon and a space begin a value: check the indentation, and put text with a colon in quotes.",
        ),
    ],
    "quote_not_closed": [
        (
            "yaml-syntax",
            1,
            8,
            "This is not valid YAML: found unexpected end of stream. A quote that is opened here is never closed.",
        ),
    ],
    "bracket_not_closed": [
        (
            "yaml-syntax",
            2,
            5,
            "This is not valid YAML: did not find expected ',' or '}'. A bracket that is opened here is never closed.",
        ),
    ],
    "at_sign_begins_text": [
        (
            "yaml-syntax",
            1,
            8,
            "This is not valid YAML: found character that cannot start any token. Text that begins with @ needs quotes.",
        ),
    ],
    "backslash_in_double_quotes": [
        (
            "yaml-syntax",
            1,
            11,
            "This is not valid YAML: found unknown escape character. In double quotes a backslash begins an escape: write \\\\, or use single quotes.",
        ),
    ],
}


def test_every_file_is_in_the_table():
    assert {path.stem for path in DEFECTS.glob("*.yaml")} == set(EXPECTED)


@pytest.mark.parametrize("defect", sorted(EXPECTED))
def test_the_problem_is_told_with_its_place(defect, tmp_path):
    shutil.copy(DEFECTS / f"{defect}.yaml", tmp_path)
    checked = check(tmp_path, [Path(f"{defect}.yaml")], environ={})
    # The files are cut short on purpose.
    problems = [one for one in checked.problems if one.rule != "no-ending"]
    found = [(one.rule, one.line, one.column, one.message) for one in problems]
    assert found == EXPECTED[defect]
