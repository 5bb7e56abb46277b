"""The emulator: the Voice API on this machine, for tests, for trying out, and for anybody.

Yours is here when you change what the service is taken to do: an endpoint (`routes`, and a
handler module a resource), what it takes and makes of a call flow (`flow_checks`,
`flow_defaults`), how calls run (`call_timeline` and what begins with `call_`), what it sends
(`delivery`), a switch for what nobody knows (`quirks`), or what goes wrong on purpose (`faults`).
"""
