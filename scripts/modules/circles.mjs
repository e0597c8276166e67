// Circles among modules.

const counts = (use) => use.to && !use.test && !use.bare;

/// The circles among files: each a list of uses, of which the last leads back to where the first begins.
///
/// What a module says of its own parts is no circle with what they use of it: a part is a piece of its module, in a file
/// of its own. Unit tests may use whatever they like.
export function circlesOfFiles(uses) {
  const ofParts = ({ from, to }) => to.startsWith(`${from}::`);
  return circles(uses.filter((use) => counts(use) && !ofParts(use)).map((use) => ({ ...use, node: use.from, next: use.to })));
}

/// The circles among siblings, each with all that is beneath it, as `server::store` with all of its modules.
export function circlesOfFolders(uses) {
  const siblings = [];
  for (const use of uses) {
    if (!counts(use)) continue;
    const [from, to] = [use.from.split("::"), use.to.split("::")];
    let shared = 0;
    while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
    if (shared === 0 || shared === from.length || shared === to.length) continue;
    const named = (path) => path.slice(0, shared + 1).join("::");
    siblings.push({ ...use, node: named(from), next: named(to) });
  }
  return circles(siblings);
}

/// One shortest circle for each knot of nodes that reach each other.
function circles(edges) {
  const nexts = new Map();
  for (const edge of edges) {
    if (!nexts.has(edge.node)) nexts.set(edge.node, new Map());
    if (!nexts.get(edge.node).has(edge.next)) nexts.get(edge.node).set(edge.next, edge);
  }
  const found = [];
  for (const knot of knots(nexts)) {
    const all = [...knot].sort();
    let shortest;
    for (const start of all) {
      const circle = way(nexts, knot, start);
      if (!shortest || circle.length < shortest.length) shortest = circle;
    }
    found.push({ modules: all, circle: shortest });
  }
  return found.sort((one, other) => one.modules[0].localeCompare(other.modules[0]));
}

/// The shortest way from a node back to itself.
function way(nexts, knot, start) {
  const ways = [[start, []]];
  const seen = new Set();
  for (const [node, edges] of ways) {
    for (const [next, edge] of nexts.get(node) ?? []) {
      if (next === start) return [...edges, edge];
      if (!knot.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([next, [...edges, edge]]);
    }
  }
  throw new Error(`${start} is in no circle`);
}

/// Sets of nodes that reach each other, by Tarjan's algorithm.
function knots(nexts) {
  const [order, lows, stack, open, found] = [new Map(), new Map(), [], new Set(), []];
  const visit = (node) => {
    order.set(node, order.size);
    lows.set(node, order.get(node));
    stack.push(node);
    open.add(node);
    for (const next of nexts.get(node)?.keys() ?? []) {
      if (!order.has(next)) {
        visit(next);
        lows.set(node, Math.min(lows.get(node), lows.get(next)));
      } else if (open.has(next)) {
        lows.set(node, Math.min(lows.get(node), order.get(next)));
      }
    }
    if (lows.get(node) !== order.get(node)) return;
    const knot = new Set(stack.splice(stack.indexOf(node)));
    for (const member of knot) open.delete(member);
    if (knot.size > 1) found.push(knot);
  };
  for (const node of nexts.keys()) if (!order.has(node)) visit(node);
  return found;
}
