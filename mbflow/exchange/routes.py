"""The table of endpoints. Everything that is served stands here, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from mbflow.exchange import flows, numbers
from mbflow.exchange.context import Handler


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. Each also answers with a slash at its end, and below `/v1`."""

    method: str
    path: str
    handler: Handler
    summary: str
    success: int = 200

    @property
    def writes(self) -> bool:
        return self.method != "GET"


ROUTES = (
    Route("GET", "/call-flows", flows.list_flows, "List the call flows."),
    Route("POST", "/call-flows", flows.create_flow, "Create a call flow.", 201),
    Route("GET", "/call-flows/<flow>", flows.get_flow, "Read a call flow."),
    Route("PUT", "/call-flows/<flow>", flows.update_flow, "Replace a call flow."),
    Route("DELETE", "/call-flows/<flow>", flows.delete_flow, "Delete a call flow.", 204),
    Route("GET", "/call-flows/<flow>/numbers", numbers.list_numbers, "List a flow's numbers."),
    Route("POST", "/call-flows/<flow>/numbers", numbers.add_numbers, "Bind numbers.", 201),
    Route("PUT", "/call-flows/<flow>/numbers", numbers.replace_numbers, "Replace the numbers."),
    Route("GET", "/numbers/<number>", numbers.get_number, "Read a number of a call flow."),
)
