// The workflow of a run as a graph: states, never iterations. A Map or Parallel is a box around its states.
import dagre from "@dagrejs/dagre";
import { Background, Controls, type Edge, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useMemo } from "react";
import { duration } from "../ui/format";
import { usePreferences } from "../ui/preferences";
import type { GraphState, RunGraph } from "./queries";
import { tone } from "./status";

const WIDTH = 190;
const HEIGHT = 58;
const PAD = 16;
const HEAD = 42;

interface StateData extends Record<string, unknown> {
  state: GraphState;
  breakpoints: number;
  chosen: boolean;
  container: boolean;
}
type StateNode = Node<StateData>;
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export default function Graph(props: {
  graph: RunGraph;
  chosen: string;
  onChoose: (state: string) => void;
  breakpoints: Map<string, number>;
}) {
  const { theme } = usePreferences();
  const { graph, chosen, breakpoints } = props;
  const boxes = useMemo(() => layout(graph), [graph]);
  const nodes = useMemo(
    () => graph.states.map((state): StateNode => toNode(state, boxes, chosen, breakpoints)),
    [graph, boxes, chosen, breakpoints],
  );
  const edges = useMemo(() => graph.edges.map(toEdge), [graph]);
  const height = Math.max(0, ...[...boxes.values()].map((box) => box.y + box.height));
  return (
    <div className="graph" style={{ height: Math.min(640, Math.max(260, height + 60)) }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{ maxZoom: 1, padding: 0.1 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable
        edgesFocusable={false}
        onlyRenderVisibleElements
        colorMode={theme}
        onNodeClick={(_, node) => props.onChoose(node.id)}
        onSelectionChange={({ nodes: selected }) => selected[0] && props.onChoose(selected[0].id)}
        proOptions={{ hideAttribution: true }}
        aria-label="The workflow as a graph; the list of steps has the same in text"
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function StateBox({ data }: NodeProps<StateNode>) {
  const { state, breakpoints, chosen, container } = data;
  const facts = [
    state.kind === "Task" ? state.step : state.kind,
    state.items && itemText(state.items),
    state.attempts > (state.counts ? total(state) : 1) && `${state.attempts} attempts`,
    state.duration_ms ? duration(state.duration_ms) : "",
  ].filter(Boolean);
  return (
    <div className={`state ${tone(state.status)} ${chosen ? "chosen" : ""} ${container ? "container" : ""}`}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div className="row between state-head">
        <strong className="cut">{state.name}</strong>
        {breakpoints > 0 && (
          <span className="dot" role="img" aria-label="Has a breakpoint">
            ●
          </span>
        )}
      </div>
      <div className="small cut">
        {state.status} · {facts.join(" · ")}
      </div>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

const NODE_TYPES = { state: StateBox };

function itemText(items: NonNullable<GraphState["items"]>): string {
  const all = items.total ?? items.begun;
  const failed = items.failed ? `, ${items.failed} failed` : "";
  return `${items.ended} of ${all} items${failed}`;
}

function total(state: GraphState): number {
  return Object.values(state.counts ?? {}).reduce((sum, one) => sum + one, 0);
}

function toNode(state: GraphState, boxes: Map<string, Box>, chosen: string, breakpoints: Map<string, number>): StateNode {
  const box = boxes.get(state.name) ?? { x: 0, y: 0, width: WIDTH, height: HEIGHT };
  const container = state.kind === "Map" || state.kind === "Parallel";
  return {
    id: state.name,
    type: "state",
    position: { x: box.x, y: box.y },
    width: box.width,
    height: box.height,
    zIndex: container ? 0 : 1,
    ariaLabel: `${state.name}, ${state.kind}, ${state.status}`,
    data: { state, chosen: state.name === chosen, breakpoints: breakpoints.get(state.name) ?? 0, container },
  };
}

function toEdge(edge: RunGraph["edges"][number]): Edge {
  const taken = edge.taken === true;
  return {
    id: `${edge.source}>${edge.target}>${edge.kind}>${edge.label}`,
    source: edge.source,
    target: edge.target,
    label: edge.kind === "catch" ? `catch ${edge.label}` : edge.label,
    className: `way ${taken ? "taken" : ""} ${edge.kind}`,
    markerEnd: { type: MarkerType.ArrowClosed },
    zIndex: 2,
  };
}

/** A place for each state: every level is laid out by dagre, from the innermost out, and a container is as big as its own. */
export function layout(graph: RunGraph): Map<string, Box> {
  const inside = new Map<string, GraphState[]>();
  for (const state of graph.states) inside.set(state.container, [...(inside.get(state.container) ?? []), state]);
  const local = new Map<string, Box>();
  const size = place("", inside, graph, local);
  const absolute = new Map<string, Box>();
  const move = (container: string, x: number, y: number) => {
    for (const state of inside.get(container) ?? []) {
      const box = local.get(state.name) as Box;
      const moved = { ...box, x: box.x + x, y: box.y + y };
      absolute.set(state.name, moved);
      move(state.name, moved.x + PAD, moved.y + HEAD);
    }
  };
  if (size) move("", 0, 0);
  return absolute;
}

function place(
  container: string,
  inside: Map<string, GraphState[]>,
  graph: RunGraph,
  local: Map<string, Box>,
): { width: number; height: number } {
  const states = inside.get(container) ?? [];
  const flow = new dagre.graphlib.Graph({ multigraph: true });
  flow.setGraph({ rankdir: "TB", nodesep: 26, ranksep: 38 });
  flow.setDefaultEdgeLabel(() => ({}));
  for (const state of states) {
    const own = inside.has(state.name) ? place(state.name, inside, graph, local) : undefined;
    flow.setNode(state.name, {
      width: own ? Math.max(WIDTH, own.width + 2 * PAD) : WIDTH,
      height: own ? own.height + HEAD + PAD : HEIGHT,
    });
  }
  const names = new Set(states.map((state) => state.name));
  for (const edge of graph.edges)
    if (names.has(edge.source) && names.has(edge.target)) flow.setEdge(edge.source, edge.target, {}, edge.kind + edge.label);
  dagre.layout(flow);
  for (const name of flow.nodes()) {
    const node = flow.node(name) as { x: number; y: number; width: number; height: number };
    local.set(name, {
      x: node.x - node.width / 2,
      y: node.y - node.height / 2,
      width: node.width,
      height: node.height,
    });
  }
  const { width = 0, height = 0 } = flow.graph() as { width?: number; height?: number };
  return { width, height };
}
