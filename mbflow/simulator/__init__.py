"""A call through a flow on a virtual clock: what a caller hears, and when; and all such calls.

Yours is here when you change what an action does in a call (`actions`), how long things last
(`timing`), how a caller behaves (`caller`), or what is known of a call (`transcript`).

All calls of a flow are a `space`: `walk` and `inputs` say what can happen in it, `search` finds the
shortest ways through it, `move_duration` says how long they last, `script` makes a call of one,
`compare` finds those that two flows answer otherwise, and `promises` decides what holds for all of
them, with a `verdict`; the longer claims are in `can_reach` and `silent_caller`. Pure.
"""
