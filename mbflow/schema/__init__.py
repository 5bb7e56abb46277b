"""JSON Schema: validating, and saying what is wrong in words for the author of a file.

Yours is here when you change how a schema violation is told. The schemas themselves are in
`schemas/`.
"""
