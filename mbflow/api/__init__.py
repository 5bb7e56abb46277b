"""The client of the Voice Calling API.

Yours is here when you change how requests are sent and repeated (`transport`, `retry`), how lists
and files are read (`pagination`, `download`), how a failure is told (`errors`), or an
endpoint: a module a resource (`calls`, `legs`, `recordings`, `transcriptions`, `numbers`,
`webhooks`; call flows are in `client`).
"""
