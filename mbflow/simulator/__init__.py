"""A call through a flow on a virtual clock: what a caller hears, and when.

Yours is here when you change what an action does in a call (`actions`), how long things last
(`timing`), how a caller behaves (`caller`), what is known of a call (`transcript`), what all calls
of a flow are (`space`), or what can be promised of them (`promises`). Pure.
"""
