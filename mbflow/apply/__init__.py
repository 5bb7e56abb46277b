"""Apply: what writes, to the service, to the lock and to flow files, and what approves it before.

Yours is here when you change what happens to a live flow (`write`, `default_flow`, `delete`), in
which order (`run`), what must be acknowledged (`approve`), or how flows come into git and back
(`import_flows`, `adopt`, `rollback`). What is to change is decided in `plan`.
"""
