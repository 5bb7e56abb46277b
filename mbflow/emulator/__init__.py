"""The emulator: the Voice API on this machine, for tests, for trying out, and for anybody.

Yours is here when you change what the service does: an endpoint (`routes`, and a handler module a
resource), which call flows it accepts (`flow_checks`), how calls run (`call_timeline` and what
begins with `call_`), what it sends (`delivery`), a switch for what nobody knows (`quirks`), or what
goes wrong on purpose (`faults`).
"""
