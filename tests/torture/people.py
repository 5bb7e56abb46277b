"""What people do to the account in the dashboard, past mbflow. It has neither faults nor quirks."""

from apply.world import say

from .bodies import edited

COPY = "a copy was made by hand"


class People:
    def __init__(self, story):
        self.story = story
        self.world = story.world
        self.truth = story.truth
        self.numbers = iter(range(31201000000, 31209999999))

    def make(self, title, text, default=False):
        made = self._do(lambda hand: hand.create_call_flow(say(text, title, default=default)))
        self.story.tell(f"by hand: create {title!r} as {made.id}{' as default' * default}")
        self._note_made(made.id)
        self._note_kept()

    def edit(self, number, how, text):
        flow_id = self._pick(number)
        if flow_id is None or (how == "title" and self.story.is_markerless):
            return
        self.story.tell(f"by hand: edit {flow_id}: {how} {text!r}")
        self._put(flow_id, edited(self.world.live()[flow_id], how, text))

    def delete(self, number):
        flow_id = self._pick(number)
        if flow_id is None:
            return
        self.story.tell(f"by hand: delete {flow_id}")
        self._do(lambda hand: hand.delete_call_flow(flow_id))
        self.truth.kept.pop(flow_id, None)

    def copy(self, number):
        """The copy keeps the step ids, as a dashboard might do."""
        flow_id = self._pick(number)
        if flow_id is None:
            return
        body = {**self.world.live()[flow_id], "default": False}
        made = self._do(lambda hand: hand.create_call_flow(body))
        self.story.tell(f"by hand: copy {flow_id} to {made.id}")
        self._note_made(made.id)
        self.truth.copies.add(made.id)
        self.story.excuses.add(COPY)
        self._note_kept()

    def make_default(self, number):
        flow_id = self._pick(number)
        if flow_id is not None:
            self.story.tell(f"by hand: {flow_id} becomes the default")
            self._put(flow_id, {**self.world.live()[flow_id], "default": True})

    def give_default_up(self):
        for flow_id, body in self.world.live().items():
            if body["default"]:
                self.story.tell(f"by hand: {flow_id} gives the default up")
                self._put(flow_id, {**body, "default": False})

    def assign_number(self, number):
        flow_id = self._pick(number)
        if flow_id is not None:
            self.lead(str(next(self.numbers)), flow_id)

    def move_number(self, place, number):
        """One that leads to some flow, or that a table may have."""
        flow_id = self._pick(number)
        tables = {digits for side in self.story.sides for digits in self.story.digits(side)}
        known = sorted(tables | {digits for digits, _ in self.story.links.now})
        if flow_id is not None:
            self.lead(known[place % len(known)], flow_id)

    def lead(self, digits, flow_id):
        """The dashboard takes it off every other flow."""
        self.story.tell(f"by hand: the number {digits} leads to {flow_id}")
        self._do(lambda hand: hand.assign_numbers(flow_id, [digits]))
        self.truth.moved[digits] = flow_id

    def free_numbers(self, flow_id):
        """Numbers always lead somewhere, so they are moved to a flow made for that."""
        self.make("Parking", "Nobody is here.")
        parking = next(iter(self.world.live()))
        for one in self.world.dashboard.list_numbers(flow_id):
            self.lead(one.number, parking)

    def known(self):
        """Ids of the flows that are live, in the order in which they were first seen."""
        live = self.world.live()
        return [flow_id for flow_id in self.truth.owner if flow_id in live]

    def _pick(self, number):
        found = self.known()
        return found[number % len(found)] if found else None

    def _put(self, flow_id, body):
        self._do(lambda hand: hand.update_call_flow(flow_id, body))
        self._note_kept()

    def _do(self, act):
        self.world.clock.sleep(1)
        with self.story.ids():
            done = act(self.world.dashboard)
        self.world.clock.sleep(1)
        return done

    def _note_made(self, flow_id):
        self.truth.owner[flow_id] = "hand"
        self.truth.handmade.add(flow_id)

    def _note_kept(self):
        """All flows made by hand as they are now: another one may have lost the default."""
        for flow_id, body in self.world.live().items():
            if self.truth.owner.get(flow_id) == "hand":
                self.truth.kept[flow_id] = body
