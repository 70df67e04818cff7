// Versions that a person reviews before they are listed.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { POLL } from "../api/poll";
import { ApprovalView } from "../pauses/approval";
import { useChange } from "../runs/queries";
import { Status } from "../runs/status";
import { Action, Dialog, SelectField } from "../ui/controls";
import { Ago, Time } from "../ui/format";
import { Pages, usePages } from "../ui/more";
import { Empty, Shown } from "../ui/states";
import { Table } from "../ui/table";

type Which = "waiting" | "approved" | "rejected" | "expired";

export function PlatformApprovals() {
  const [status, setStatus] = useState<Which>("waiting");
  const [open, setOpen] = useState("");
  const pages = usePages(
    ["platform", "approvals", status],
    (cursor) =>
      answer(api.GET("/v1/approvals", { params: { query: { status, ...(cursor ? { cursor } : {}) } } })),
    POLL.inbox,
  );
  return (
    <div className="stack">
      <h1>Reviews</h1>
      <div className="filters">
        <SelectField
          label="Status"
          value={status}
          onChange={(value) => setStatus(value as Which)}
          options={["waiting", "approved", "rejected", "expired"]}
        />
      </div>
      <Pages
        query={pages}
        rows={(page) => page.approvals}
        empty={
          <Empty title={status === "waiting" ? "Nothing waits for a review" : `None is ${status}`}>
            {status === "waiting" && (
              <p>Versions that a person has to look at before they are listed appear here.</p>
            )}
          </Empty>
        }
      >
        {(rows) => (
          <Table
            label="Reviews"
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              {
                title: "Question",
                cell: (row) => (
                  <Action kind="plain" small onPress={() => setOpen(row.id)}>
                    {row.question}
                  </Action>
                ),
              },
              { title: "About", cell: (row) => row.subject },
              { title: "Asked", cell: (row) => <Ago at={row.asked} /> },
              { title: "Until", cell: (row) => <Time at={row.deadline} /> },
              { title: "Status", cell: (row) => <Status value={row.status} /> },
            ]}
          />
        )}
      </Pages>
      {open && <ReviewDialog id={open} onClose={() => setOpen("")} />}
    </div>
  );
}

function ReviewDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const path = { approval: id };
  const query = useQuery({
    queryKey: ["platform", "approval", id],
    queryFn: () => answer(api.GET("/v1/approvals/{approval}", { params: { path } })),
  });
  const decide = useChange("platform", (body: { approve: boolean; comment: string }) =>
    answer(api.POST("/v1/approvals/{approval}", { params: { path }, body })),
  );
  return (
    <Dialog title="Review" onClose={onClose} wide>
      <Shown query={query}>
        {(data) => (
          <ApprovalView
            approval={data}
            run={null}
            busy={decide.isPending}
            error={decide.error}
            decide={(body, options) => decide.mutate(body, options)}
          />
        )}
      </Shown>
    </Dialog>
  );
}
