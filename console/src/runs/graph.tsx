// The workflow of a run as a graph: states, never iterations. A Map or Parallel is a box around its states.
import {
  Background,
  BaseEdge,
  Controls,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useMemo } from "react";
import { duration } from "../ui/format";
import { usePreferences } from "../ui/preferences";
import { type Box, edgeId, edgeText, HEIGHT, layout, type Point, type Way, WIDTH } from "./layout";
import type { GraphState, RunGraph } from "./queries";
import { tone } from "./status";
import { itemText } from "./totals";

const LABEL_CHARS = 26;

interface StateData extends Record<string, unknown> {
  state: GraphState;
  breakpoints: number;
  chosen: boolean;
  container: boolean;
}
type StateNode = Node<StateData>;
type WayEdge = Edge<{ points: Point[]; text: string; label: Point }>;

export default function Graph(props: {
  graph: RunGraph;
  chosen: string;
  onChoose: (state: string) => void;
  breakpoints: Map<string, number>;
}) {
  const { theme } = usePreferences();
  const { graph, chosen, breakpoints } = props;
  const { boxes, ways } = useMemo(() => layout(graph), [graph]);
  const nodes = useMemo(
    () => graph.states.map((state): StateNode => toNode(state, boxes, chosen, breakpoints)),
    [graph, boxes, chosen, breakpoints],
  );
  const edges = useMemo(() => graph.edges.map((edge) => toEdge(edge, ways)), [graph, ways]);
  const height = Math.max(0, ...[...boxes.values()].map((box) => box.y + box.height));
  return (
    <div className="graph" style={{ height: Math.min(640, Math.max(260, height + 60)) }}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
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
        onKeyDown={(event) => {
          const node = event.target as HTMLElement;
          if (event.key !== "Enter" && event.key !== " ") return;
          if (node.dataset.id && node.classList.contains("react-flow__node")) props.onChoose(node.dataset.id);
        }}
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
        {breakpoints > 0 && <span className="dot" role="img" aria-label="Has a breakpoint" />}
      </div>
      <div className="small cut">
        {state.status} · {facts.join(" · ")}
      </div>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

const NODE_TYPES = { state: StateBox };

function total(state: GraphState): number {
  return Object.values(state.counts ?? {}).reduce((sum, one) => sum + one, 0);
}

function toNode(
  state: GraphState,
  boxes: Map<string, Box>,
  chosen: string,
  breakpoints: Map<string, number>,
): StateNode {
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

function toEdge(edge: RunGraph["edges"][number], ways: Map<string, Way>): WayEdge {
  const way = ways.get(edgeId(edge));
  return {
    id: edgeId(edge),
    type: "way",
    source: edge.source,
    target: edge.target,
    className: `way ${edge.taken === true ? "taken" : ""} ${edge.kind}`,
    markerEnd: { type: MarkerType.ArrowClosed },
    zIndex: 2,
    data: { points: way?.points ?? [], label: way?.label ?? { x: 0, y: 0 }, text: edgeText(edge) },
  };
}

/** A way through the points that the layout found: it passes beside other states. */
function WayLine({ data, markerEnd }: EdgeProps<WayEdge>) {
  if (!data || data.points.length === 0) return null;
  const { text, label } = data;
  return (
    <>
      <BaseEdge path={smooth(data.points)} markerEnd={markerEnd} />
      {text && (
        <EdgeLabelRenderer>
          <span
            className="way-label"
            title={text}
            style={{ transform: `translate(-50%, -50%) translate(${label.x}px, ${label.y}px)` }}
          >
            {text.length > LABEL_CHARS ? `${text.slice(0, LABEL_CHARS - 1)}…` : text}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

const EDGE_TYPES = { way: WayLine };

function smooth(points: Point[]): string {
  const [first, ...rest] = points as [Point, ...Point[]];
  const last = rest.at(-1) ?? first;
  let path = `M ${first.x} ${first.y}`;
  for (let index = 0; index < rest.length - 1; index++) {
    const at = rest[index] as Point;
    const next = rest[index + 1] as Point;
    path += ` Q ${at.x} ${at.y} ${(at.x + next.x) / 2} ${(at.y + next.y) / 2}`;
  }
  return `${path} L ${last.x} ${last.y}`;
}
