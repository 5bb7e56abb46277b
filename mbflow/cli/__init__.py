"""The command line: reads arguments, asks, prints, and gives the exit code.

Yours is here when you change what a verb takes or does (`verbs/`, one file a verb, the whole of
it), an option that several verbs share (`options`), how an argument is written (`arguments`) or
names a flow (`flow_names`), how a run goes (`run`), a question at a terminal (`prompt`), or which
command a message suggests (`next_command`). How a result looks is in `views`; what is done is in
`apply`, `plan`, `testing` and `api`.
"""
