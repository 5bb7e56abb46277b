"""The tables of numbers in `mbflow.yaml`, as people edit them: each line has a flow with a file."""


class Tables:
    """Of all environments of one checkout; each has numbers of its own, or two would fight."""

    def __init__(self, story, repo):
        self.story = story
        self.repo = repo
        self.environments = repo.settings["environments"]

    def of(self, environment):
        return dict(self.environments[environment].get("numbers", {}))

    def lead(self, side, digits, name):
        if name in self._names(side.environment):
            self.story.tell(f"{side.name}: {digits} is to lead to {name}")
            self._write(side.environment, {**self.of(side.environment), digits: name})

    def take_out(self, side, digits):
        table = self.of(side.environment)
        if table.pop(digits, None):
            self.story.tell(f"{side.name}: take out the line of {digits}")
            self._write(side.environment, table)

    def follow(self, old="", new=""):
        """After an edit of the files: what led to a flow that is gone here leads to another."""
        for environment in self.environments:
            names = self._names(environment)
            table = {n: new if old == name else name for n, name in self.of(environment).items()}
            table = {n: name if name in names else names[0] for n, name in table.items() if names}
            if table != self.of(environment):
                self.story.tell(f"{self.repo.settings['project']}: {environment} leads {table}")
                self._write(environment, table)

    def save(self):
        return {environment: self.of(environment) for environment in self.environments}

    def restore(self, saved):
        for environment, table in saved.items():
            self._write(environment, table)

    def _names(self, environment):
        """Of the flows that are for it."""
        blocks = {name: self.repo.read(name).get("mbflow", {}) for name in self.repo.names()}
        return [
            name
            for name, block in blocks.items()
            if environment in block.get("environments", [environment])
        ]

    def _write(self, environment, table):
        self.environments[environment]["numbers"] = table
        self.repo.save_settings()
