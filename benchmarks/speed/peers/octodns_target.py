"""A provider of octoDNS whose records lie in one JSON file: cheaper than asking a network."""

import json
import logging
from pathlib import Path

from octodns.provider.base import BaseProvider
from octodns.record import Record


class FileProvider(BaseProvider):
    SUPPORTS_GEO = False
    SUPPORTS = frozenset(("A",))

    def __init__(self, id, path, *args, **kwargs):
        self.log = logging.getLogger(f"FileProvider[{id}]")
        super().__init__(id, *args, **kwargs)
        self.zones = json.loads(Path(path).read_text())

    def populate(self, zone, target=False, lenient=False):
        records = self.zones.get(zone.name, {})
        for name, data in records.items():
            zone.add_record(Record.new(zone, name, data, source=self, lenient=lenient))
        return bool(records)

    def _apply(self, plan):
        raise NotImplementedError("It only plans.")
