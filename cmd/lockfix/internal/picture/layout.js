const structuredClone = (x) => JSON.parse(JSON.stringify(x)); // dagre clones lists of names with it, and goja has none

// layout places the nodes and edges of a plan: see layout.go. It takes and returns
// JSON, so that nothing else crosses the border between the languages.
function layout(text) {
  const plan = JSON.parse(text);
  const g = new dagre.graphlib.Graph({ multigraph: true });
  g.setGraph({ rankdir: "LR", ranker: "tight-tree", nodesep: 16, edgesep: 10, ranksep: 56, marginx: 16, marginy: 16 });
  plan.nodes.forEach((n, i) => g.setNode(String(i), n));
  plan.edges.forEach((e, i) => g.setEdge(String(e.from), String(e.to), Object.assign(e, { labelpos: "c" }), String(i)));
  dagre.layout(g);
  plan.width = g.graph().width;
  plan.height = g.graph().height;
  return JSON.stringify(plan);
}
