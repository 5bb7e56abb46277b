"""A call through a flow on a virtual clock: what a caller hears, and when; and all such calls.

Yours is here when you change what an action does in a call (`actions`), how long things last
(`timing`), how a caller behaves (`caller`), or what is known of a call (`transcript`); or which
calls there are (`space`, made of `walk` and `inputs`), which of them two flows answer otherwise
(`compare`), how such a call is made (`script`), and what can be promised of all (`promises`). Pure.
"""
