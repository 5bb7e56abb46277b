"""What a call flow is: actions and options, where calls go in it, and how two are compared.

Yours is here when you add an action or an option (`vocabulary`), change control flow, what counts
as a difference (`canonical`), which step is which (`alignment`), how a difference is told
(`edits`, `words`), or what a diagram shows. Pure.
"""
