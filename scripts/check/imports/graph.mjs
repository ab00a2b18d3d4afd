/**
 * One cycle for each knot of a directed graph, each a list of edges from a node back to itself.
 * `edges`: `{ from, to, line }`; an edge from a node to itself is no cycle here.
 */
export const findCycles = (edges) => {
  const byNode = new Map();
  for (const edge of edges) {
    if (edge.from === edge.to) continue;
    byNode.set(edge.from, [...(byNode.get(edge.from) ?? []), edge]);
  }
  const cycles = [];
  const done = new Set();
  for (const start of [...byNode.keys()].sort()) {
    if (done.has(start)) continue;
    const cycle = shortestWayBack(start, byNode);
    if (cycle === null) continue;
    cycles.push(cycle);
    for (const edge of cycle) done.add(edge.from);
  }
  return cycles;
};

/** Breadth first from a node until an edge leads back to it; null when none does. */
const shortestWayBack = (start, byNode) => {
  const cameBy = new Map();
  const queue = [start];
  for (const node of queue) {
    for (const edge of byNode.get(node) ?? []) {
      if (edge.to === start) return wayTo(start, edge, cameBy);
      if (cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, edge);
      queue.push(edge.to);
    }
  }
  return null;
};

const wayTo = (start, last, cameBy) => {
  const way = [last];
  while (way[0].from !== start) way.unshift(cameBy.get(way[0].from));
  return way;
};
