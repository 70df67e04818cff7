// Why a run failed: the first cause, its source, and what differs from the last good run.
import { Link } from "react-router";
import { Copy } from "../ui/controls";
import { Json } from "../ui/json";
import { Scrolls } from "../ui/scrolls";
import { Empty, Shown } from "../ui/states";
import { Table } from "../ui/table";
import { type Run, useExplanation } from "./queries";

export function ExplanationView({ tenant, run }: { tenant: string; run: Run }) {
  const query = useExplanation(tenant, run);
  return (
    <Shown query={query}>
      {({ explanation: why, text }) => (
        <div className="stack">
          <div>
            <h2>{why.error}</h2>
            <p>{why.message}</p>
            <p className="muted small">
              {why.state && (
                <>
                  in {[...why.around, why.state].join(" › ")}
                  {typeof why.index === "number" && `[${why.index}]`}
                </>
              )}
              {why.attempts > 1 && `, attempt ${why.attempt + 1} of ${why.attempts}`}
            </p>
          </div>
          {why.file && (
            <div className="stack">
              <code>
                {why.file}:{why.line} {why.function && `in ${why.function}`}
              </code>
              <Source lines={why.source} start={why.source_start} at={why.line} />
            </div>
          )}
          {why.touched.length > 0 && (
            <>
              <h3>What the line read</h3>
              <Table
                label="What the failing line read"
                rows={why.touched}
                rowKey={(row) => row.path}
                columns={[
                  { title: "Path", cell: (row) => <code>{row.path}</code> },
                  {
                    title: "Value",
                    cell: (row) => (
                      <>
                        <code>{row.value}</code> {row.odd && <span className="chip warn">{row.odd}</span>}
                      </>
                    ),
                  },
                  { title: "From", cell: (row) => row.origin },
                ]}
              />
            </>
          )}
          {Object.keys(why.locals ?? {}).length > 0 && (
            <details>
              <summary>Local variables</summary>
              <Json value={why.locals} label="Local variables" />
            </details>
          )}
          <h3>
            Differs from the last good run{" "}
            {why.good_run && <Link to={`/t/${tenant}/runs/${why.good_run}`}>{why.good_run}</Link>}
          </h3>
          {why.differences.length === 0 ? (
            <p className="muted">
              {why.good_run ? "Nothing that was compared differs." : "There is no good run of this workflow."}
            </p>
          ) : (
            <Table
              label="Differences from the last good run"
              rows={why.differences}
              rowKey={(row) => row.what + row.where}
              columns={[
                { title: "What", cell: (row) => row.what },
                { title: "Where", cell: (row) => <code>{row.where}</code> },
                { title: "Good run", cell: (row) => <code>{row.good}</code> },
                { title: "This run", cell: (row) => <code>{row.now}</code> },
              ]}
            />
          )}
          {why.good_run && (
            <p>
              <Link to={`/t/${tenant}/diff?a=${why.good_run}&b=${run.id}`}>
                Compare the two runs side by side
              </Link>
            </p>
          )}
          {why.calls.length > 0 && <Lines title="Calls that failed or answered nothing" lines={why.calls} />}
          {why.later.length > 0 && <Lines title="Later attempts failed otherwise" lines={why.later} />}
          {why.handled.length > 0 && (
            <Lines title="Failures before it that the workflow handled" lines={why.handled} />
          )}
          {why.cascade.length > 0 && <Lines title="What followed from it" lines={why.cascade} />}
          {why.commands.length > 0 && (
            <>
              <h3>What to do next</h3>
              {why.commands.map((command) => (
                <div key={command} className="row">
                  <code>{command}</code>
                  <Copy text={command} label="Copy" />
                </div>
              ))}
            </>
          )}
          <Copy text={text} label="Copy the explanation as text" />
        </div>
      )}
    </Shown>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

export function Source(props: { lines: string[]; start: number; at: number; of?: string }) {
  const { lines, start, at } = props;
  if (lines.length === 0) return <Empty title="The source is not there" />;
  return (
    <Scrolls className="code mono" label={`Source around line ${at}${props.of ?? ""}`}>
      {lines.map((line, index) => {
        const number = start + index;
        return (
          <div key={number} style={{ display: "contents" }}>
            <span className={`line ${number === at ? "at" : ""}`}>{number}</span>
            <span className={number === at ? "at" : ""}>{line || " "}</span>
          </div>
        );
      })}
    </Scrolls>
  );
}
