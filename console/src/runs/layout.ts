// Where the states and edges of a graph are drawn: every level by dagre, from the innermost out.
import dagre from "@dagrejs/dagre";
import type { GraphState, RunGraph } from "./queries";

export const WIDTH = 190;
export const HEIGHT = 58;
const PAD = 16;
const HEAD = 54;
const LABEL = { width: 150, height: 20 };

export interface Point {
  x: number;
  y: number;
}
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Way {
  points: Point[];
  label: Point;
}
interface Level {
  boxes: Map<string, Box>;
  ways: Map<string, Way>;
  width: number;
  height: number;
}

/** A place for each state and edge: every level by dagre, from the innermost out; a container is as big as its own. */
export function layout(graph: RunGraph): { boxes: Map<string, Box>; ways: Map<string, Way> } {
  const inside = new Map<string, GraphState[]>();
  for (const state of graph.states)
    inside.set(state.container, [...(inside.get(state.container) ?? []), state]);
  const levels = new Map<string, Level>();
  place("", inside, graph, levels);
  const boxes = new Map<string, Box>();
  const ways = new Map<string, Way>();
  const move = (container: string, x: number, y: number) => {
    const level = levels.get(container);
    const moved = (point: Point) => ({ x: point.x + x, y: point.y + y });
    for (const [id, way] of level?.ways ?? [])
      ways.set(id, { points: way.points.map(moved), label: moved(way.label) });
    for (const [name, box] of level?.boxes ?? []) {
      const at = moved(box);
      boxes.set(name, { ...box, ...at });
      const own = levels.get(name);
      // A container may be wider than what is in it.
      if (own) move(name, at.x + (box.width - own.width) / 2, at.y + HEAD);
    }
  };
  move("", 0, 0);
  return { boxes, ways };
}

function place(
  container: string,
  inside: Map<string, GraphState[]>,
  graph: RunGraph,
  levels: Map<string, Level>,
): Level {
  const states = inside.get(container) ?? [];
  const flow = new dagre.graphlib.Graph({ multigraph: true });
  flow.setGraph({ rankdir: "TB", nodesep: 26, ranksep: 34, edgesep: 18 });
  for (const state of states) {
    const own = inside.has(state.name) ? place(state.name, inside, graph, levels) : undefined;
    flow.setNode(state.name, {
      width: own ? Math.max(WIDTH, own.width + 2 * PAD) : WIDTH,
      height: own ? own.height + HEAD + PAD : HEIGHT,
    });
  }
  const names = new Set(states.map((state) => state.name));
  for (const edge of graph.edges) {
    if (!names.has(edge.source) || !names.has(edge.target)) continue;
    const label = edgeText(edge) ? { ...LABEL, labelpos: "c" } : {};
    flow.setEdge(edge.source, edge.target, label, edgeId(edge));
  }
  dagre.layout(flow);
  const level: Level = { boxes: new Map(), ways: new Map(), width: 0, height: 0 };
  for (const name of flow.nodes()) {
    const { x, y, width, height } = flow.node(name) as Box;
    level.boxes.set(name, { x: x - width / 2, y: y - height / 2, width, height });
  }
  for (const edge of flow.edges()) {
    const { points = [], x = 0, y = 0 } = flow.edge(edge) as { points?: Point[]; x?: number; y?: number };
    level.ways.set(edge.name ?? "", { points, label: { x, y } });
  }
  const size = flow.graph() as { width?: number; height?: number };
  level.width = size.width ?? 0;
  level.height = size.height ?? 0;
  levels.set(container, level);
  return level;
}

export function edgeId(edge: RunGraph["edges"][number]): string {
  return `${edge.source}>${edge.target}>${edge.kind}>${edge.label}`;
}

export function edgeText(edge: RunGraph["edges"][number]): string {
  if (edge.kind === "catch") return `catch ${edge.label}`;
  return edge.kind === "default" ? "otherwise" : edge.label;
}
