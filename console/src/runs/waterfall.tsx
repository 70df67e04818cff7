// The steps of a run in time: a row for each visit, items of a Map folded into one row with their counts.
import { memo, useMemo, useState } from "react";
import { CheckField } from "../ui/controls";
import { count, duration } from "../ui/format";
import { Icon } from "../ui/icon";
import { Empty } from "../ui/states";
import { VirtualRows } from "../ui/virtual-rows";
import { isOver, type Outline, type Run } from "./queries";
import { type Row, toRows } from "./rows";
import { Status, tone } from "./status";

const ROW = 34;
const HEIGHT = 600;

export function Waterfall(props: {
  run: Run;
  steps: Outline[];
  /** By state, the items of the Map around it. */
  totals: ReadonlyMap<string, number>;
  chosen: string;
  onChoose: (step: Outline) => void;
}) {
  const { run, steps, totals } = props;
  const [failedOnly, setFailedOnly] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const failed = useMemo(() => steps.filter((one) => one.status === "failed").length, [steps]);
  const rows = useMemo(
    () =>
      failedOnly
        ? toRows(
            steps.filter((one) => one.status === "failed"),
            open,
          )
        : toRows(steps, open, totals),
    [steps, failedOnly, open, totals],
  );
  const begin = new Date(run.started).getTime();
  const end = run.ended ? new Date(run.ended).getTime() : Math.max(begin + 1, ...[rows.at(-1)?.end ?? 0]);
  const pick = (row: Row) => {
    if (row.folded.length > 0) setOpen(toggled(open, row.key));
    else props.onChoose(row.outline);
  };
  if (steps.length === 0)
    return <Empty title={isOver(run) ? "The run called no step" : "The run has called no step yet"} />;
  return (
    <div className="stack">
      <div className="row">
        <span className="muted small">
          {count(steps.length)} visits, {count(failed)} failed.
        </span>
        {failed > 0 && <CheckField label="Failed only" value={failedOnly} onChange={setFailedOnly} />}
      </div>
      <VirtualRows
        label="Steps of the run in time"
        rows={rows}
        rowHeight={ROW}
        height={HEIGHT}
        rowKey={keyOf}
        chosen={props.chosen}
        row={(row, stop) => (
          <Visit
            row={row}
            stop={stop}
            chosen={props.chosen === row.outline.key}
            open={open.has(row.key)}
            begin={begin}
            end={end}
            onPick={pick}
          />
        )}
      />
    </div>
  );
}

const keyOf = (row: Row) => row.key;

/** A row is drawn again where something of it changed: a scroll moves it and draws only those that come into sight. */
const Visit = memo(function Visit(props: {
  row: Row;
  stop: boolean;
  chosen: boolean;
  open: boolean;
  begin: number;
  end: number;
  onPick: (row: Row) => void;
}) {
  const { row, open } = props;
  const folded = row.folded.length > 0;
  return (
    <button
      type="button"
      className="visit"
      aria-pressed={props.chosen}
      aria-expanded={folded ? open : undefined}
      tabIndex={props.stop ? 0 : -1}
      onClick={() => props.onPick(row)}
      onKeyDown={({ key }) => {
        if (folded && key === (open ? "ArrowLeft" : "ArrowRight")) props.onPick(row);
      }}
    >
      <span className="cut">
        {folded && <Icon name={open ? "down" : "right"} />}
        {row.name}
        {row.outline.summary && <span className="muted small"> {row.outline.summary}</span>}
      </span>
      <span>
        <Status value={row.status} />
      </span>
      <span className="lane">
        <i className={tone(row.status)} style={bar(row, props.begin, props.end)} />
      </span>
      <span className="number small">{duration(row.end - row.begin)}</span>
    </button>
  );
});

function bar(row: Row, begin: number, end: number): { left: string; width: string } {
  const whole = Math.max(1, end - begin);
  const left = Math.min(100, Math.max(0, ((row.begin - begin) / whole) * 100));
  return { left: `${left}%`, width: `${Math.min(100 - left, ((row.end - row.begin) / whole) * 100)}%` };
}

function toggled(open: ReadonlySet<string>, key: string): Set<string> {
  const next = new Set(open);
  if (!next.delete(key)) next.add(key);
  return next;
}
