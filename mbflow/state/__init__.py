"""What mbflow remembers between runs: the lock, the journal of a run, snapshots.

Yours is here when you change a field of the lock (`lock`), what survives a killed run
(`journal`), or what `rollback` reads (`snapshots`).
"""
