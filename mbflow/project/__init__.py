"""The files of a project: `mbflow.yaml` and the call-flow files, found, read and written.

Yours is here when you change how YAML is read (`yaml/`), what a flow file or `mbflow.yaml` may
say, how variables are filled in, how files are written, where `.mbflow/` lies, or what is kept of
files that were read (`cache`).
"""
