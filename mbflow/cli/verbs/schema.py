"""`mbflow schema`: the JSON Schemas, for editors and other tools."""

from __future__ import annotations

import click

from mbflow.cli.options import output_format
from mbflow.cli.output import show_as
from mbflow.model.errors import ExitCode, UsageError


@click.command("schema")
@click.argument("name", metavar="[NAME]", required=False)
@output_format("text", "json")
def command(name: str | None, output_format: str) -> int:
    """Print the JSON Schema NAME: call-flow for flow files, project for mbflow.yaml and so on.

    Without NAME: the names of all. An editor takes a schema from a line such as
    "# yaml-language-server: $schema=../schemas/call-flow.schema.json" at the top of a file.
    """
    from mbflow.model.text import did_you_mean, listed
    from mbflow.schema.validator import schema_names, schema_text

    names = schema_names()
    if name is None:
        show_as(output_format, {"schemas": list(names)}, "\n".join(names))
        return ExitCode.DONE
    if name not in names:
        guess = did_you_mean(name, names) or f" There are {listed(names, last='and')}."
        raise UsageError(f'There is no schema "{name}".{guess}')
    click.echo(schema_text(name), nl=False)  # a document in either format
    return ExitCode.DONE
