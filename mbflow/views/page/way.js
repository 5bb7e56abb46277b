// The way of a dialled call on the drawing: which edges it went, found from what happened.

const ENDS = { hangup: "hangup", transferred: "talk" };

// `byStep`: the box of each step. Gives the numbers of the edges.
export function wayOf(walker, edges, nodes, byStep) {
  const way = [];
  let here = byStep.get(walker.events.find((event) => event.step >= 0)?.step);
  let input = null;
  const go = (fits) => {
    const found = edges.map((edge, number) => ({ edge, number })).filter(({ edge }) => edge.from === here && fits(edge));
    const edge = chosen(found, input);
    if (edge) way.push(edge.number);
    input = null;
  };
  for (const event of walker.events) {
    if (event.kind === "input") input = /"(.*)"$/.exec(event.text)?.[1] ?? null;
    const next = event.step >= 0 ? byStep.get(event.step) : undefined;
    if (next === undefined || next === here) continue;
    go((edge) => edge.to === next);
    here = next;
  }
  if (walker.ending && walker.ending.kind !== "caller") {
    const kinds = new Map(nodes.map((node) => [node.id, node.kind]));
    go((edge) => kinds.get(edge.to) === (ENDS[walker.ending.kind] || "end"));
  }
  return way;
}

function chosen(found, input) {
  const keyed = found.filter(({ edge }) => edge.why === "keys");
  if (input !== null && keyed.length) {
    return keyed.find(({ edge }) => edge.keys.includes(input)) || keyed.find(({ edge }) => !edge.keys.length) || keyed[0];
  }
  return found.find(({ edge }) => edge.why !== "keys") || found[0];
}
