// Where an asset's data comes from: a graph of what is upstream, a level at a time.
import dagre from "@dagrejs/dagre";
import { Background, Controls, type Edge, MarkerType, type Node, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { Action } from "../ui/controls";
import { usePreferences } from "../ui/preferences";
import { Empty } from "../ui/states";
import { assetLink } from "./catalog";

type Asset = Schemas["Asset"];
const WIDTH = 210;
const HEIGHT = 46;
const MOST = 60;

export default function Lineage({ tenant, asset }: { tenant: string; asset: Asset }) {
  const { theme } = usePreferences();
  const navigate = useNavigate();
  const [levels, setLevels] = useState(1);
  const known = useUpstream(tenant, asset, levels);
  const { nodes, edges, height } = useMemo(() => draw(asset, known), [asset, known]);
  const open = [...known.values()].some((one) => one.upstream.some((name) => !known.has(name)));
  if (asset.upstream.length === 0)
    return (
      <Empty title="Nothing is upstream">
        <p>Connectors write what a view or a table is made of.</p>
      </Empty>
    );
  return (
    <div className="stack">
      <div className="graph" style={{ height: Math.min(560, Math.max(260, height + 60)) }}>
        <ReactFlow
          key={nodes.length}
          nodes={nodes}
          edges={edges}
          fitView
          fitViewOptions={{ maxZoom: 1 }}
          minZoom={0.1}
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          colorMode={theme}
          onNodeClick={(_, node) => void navigate(assetLink(tenant, node.id))}
          proOptions={{ hideAttribution: true }}
          aria-label="Lineage as a graph"
        >
          <Background gap={20} />
          <Controls showInteractive={false} />
        </ReactFlow>
      </div>
      {open && known.size < MOST && <Action onPress={() => setLevels(levels + 1)}>One level further</Action>}
      {known.size >= MOST && <p className="muted small">The first {MOST} assets are drawn.</p>}
    </div>
  );
}

/** The assets upstream within so many levels: each is read once, and kept. */
function useUpstream(tenant: string, asset: Asset, levels: number): Map<string, Asset> {
  const [names, setNames] = useState<string[]>(() => asset.upstream.slice(0, MOST));
  const results = useQueries({
    queries: names.map((name) => ({
      queryKey: [tenant, "asset", name],
      queryFn: async () =>
        (
          await answer(
            api.GET("/v1/tenants/{tenant}/assets", {
              params: { path: { tenant }, query: { qualified_name: name } },
            }),
          )
        ).assets[0] ?? null,
      staleTime: 60_000,
    })),
  });
  const known = new Map<string, Asset>([[asset.qualified_name, asset]]);
  for (const { data } of results) if (data) known.set(data.qualified_name, data);
  let wanted = [...asset.upstream];
  for (let level = 1; level < levels; level++)
    wanted = [...new Set([...wanted, ...wanted.flatMap((name) => known.get(name)?.upstream ?? [])])];
  const next = [...new Set([...names, ...wanted])].slice(0, MOST);
  if (next.length !== names.length) setNames(next);
  return known;
}

function draw(asset: Asset, known: Map<string, Asset>): { nodes: Node[]; edges: Edge[]; height: number } {
  const flow = new dagre.graphlib.Graph();
  flow.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 60 });
  flow.setDefaultEdgeLabel(() => ({}));
  const names = new Set(known.keys());
  for (const one of known.values()) for (const name of one.upstream) names.add(name);
  for (const name of names) flow.setNode(name, { width: WIDTH, height: HEIGHT });
  const edges: Edge[] = [];
  for (const one of known.values())
    for (const name of one.upstream) {
      flow.setEdge(name, one.qualified_name);
      edges.push({
        id: `${name}>${one.qualified_name}`,
        source: name,
        target: one.qualified_name,
        markerEnd: { type: MarkerType.ArrowClosed },
      });
    }
  dagre.layout(flow);
  const nodes = [...names].map((name): Node => {
    const { x, y } = flow.node(name) as { x: number; y: number };
    const label = known.get(name)?.name ?? name;
    return {
      id: name,
      position: { x: x - WIDTH / 2, y: y - HEIGHT / 2 },
      width: WIDTH,
      height: HEIGHT,
      sourcePosition: "right" as Node["sourcePosition"],
      targetPosition: "left" as Node["targetPosition"],
      className: `asset-node ${name === asset.qualified_name ? "chosen" : ""}`,
      ariaLabel: name,
      data: { label },
    } as Node;
  });
  return { nodes, edges, height: (flow.graph() as { height?: number }).height ?? 0 };
}
