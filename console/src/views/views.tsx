// The pages that apps bring: each view is the app's card over its own data, drawn by this page and by no script of it.
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link, useParams } from "react-router";
import { answer, api, type Schemas } from "../api/client";
import { useTenant } from "../session/caller";
import { Action } from "../ui/controls";
import { Empty, Loading, ProblemNotice, Shown } from "../ui/states";
import { Table } from "../ui/table";

type Where = Schemas["ViewRow"]["where"];

const ViewBody = lazy(() => import("./view").then((page) => ({ default: page.ViewBody })));

function useViews(tenant: string, where: Where) {
  return useQuery({
    queryKey: [tenant, "views", where],
    queryFn: async () => {
      const rows: Schemas["ViewRow"][] = [];
      let cursor: string | undefined;
      do {
        const page = await answer(
          api.GET("/v1/tenants/{tenant}/views", {
            params: { path: { tenant }, query: { where, ...(cursor ? { cursor } : {}) } },
          }),
        );
        rows.push(...page.views);
        cursor = page.cursor ?? undefined;
      } while (cursor);
      return rows;
    },
  });
}

/** The views of an asset, an install or a run, only of `install` where it is named; `children` where there are none. */
export function AppViews(props: {
  tenant: string;
  where: Where;
  subject: string;
  install?: string;
  children?: ReactNode;
}) {
  const views = useViews(props.tenant, props.where);
  const install = props.install ?? (props.where === "install" ? props.subject : undefined);
  const rows = (views.data ?? []).filter((row) => install === undefined || row.install === install);
  if (views.error) return <ProblemNotice problem={views.error} retry={() => void views.refetch()} />;
  // Where it has the place for itself, it says that it loads; between other things of a page it does not.
  if (views.isPending) return props.children ? <Loading /> : null;
  if (rows.length === 0) return props.children;
  return rows.map((row, index) => (
    <OneView
      key={`${row.install} ${row.id}`}
      tenant={props.tenant}
      row={row}
      subject={props.subject}
      open={index === 0}
    />
  ));
}

/** The first view of a place is read with the page; a further one when somebody wants to see it. */
function OneView(props: { tenant: string; row: Schemas["ViewRow"]; subject: string; open: boolean }) {
  const { tenant, row, subject } = props;
  const [open, setOpen] = useState(props.open);
  return (
    <section className="card stack" aria-label={row.title}>
      <div className="row between">
        <h2>{row.title}</h2>
        {!open && (
          <Action small onPress={() => setOpen(true)}>
            Show
          </Action>
        )}
      </div>
      {open && (
        <Suspense fallback={<Loading />}>
          <ViewBody
            tenant={tenant}
            install={row.install}
            view={row.id}
            subject={row.where === "install" ? "" : subject}
          />
        </Suspense>
      )}
    </section>
  );
}

/** The pages of a tenant: a list of them. */
export function TenantViews() {
  const tenant = useTenant();
  const views = useViews(tenant, "tenant");
  return (
    <div className="stack">
      <h1>Pages of apps</h1>
      <Shown query={views}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No installed app brings a page">
              <p>The marketplace says of each app which pages it brings.</p>
            </Empty>
          ) : (
            <Table
              label="Pages of apps"
              rows={rows}
              rowKey={(row) => `${row.install} ${row.id}`}
              columns={[
                {
                  title: "Page",
                  cell: (row) => <Link to={`/t/${tenant}/views/${row.install}/${row.id}`}>{row.title}</Link>,
                },
                { title: "App", cell: (row) => `${row.app}@${row.version}` },
                { title: "Install", cell: (row) => row.install_name },
              ]}
            />
          )
        }
      </Shown>
    </div>
  );
}

export function TenantView() {
  const tenant = useTenant();
  const { install = "", view = "" } = useParams();
  const views = useViews(tenant, "tenant");
  const row = views.data?.find((one) => one.install === install && one.id === view);
  return (
    <div className="stack">
      <p className="muted small">
        <Link to={`/t/${tenant}/views`}>Pages of apps</Link>
      </p>
      <h1>{row?.title ?? view}</h1>
      <Suspense fallback={<Loading />}>
        <ViewBody tenant={tenant} install={install} view={view} />
      </Suspense>
    </div>
  );
}
