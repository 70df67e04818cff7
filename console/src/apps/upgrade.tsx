// Upgrade an install: what the version asks for beyond the present one, beside a rehearsal over the install's last runs.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "../api/client";
import { useVersions } from "../runs/fork";
import { useChange } from "../runs/queries";
import { Rehearsal } from "../runs/verdicts";
import { Action, CheckField, Dialog, SelectField } from "../ui/controls";
import { Empty, Notice, ProblemNotice, Shown } from "../ui/states";
import { useSay } from "../ui/toasts";

type Install = Schemas["Install"];
type Plan = Schemas["UpgradePlan"];
const WATCH_MINUTES: [string, string][] = [
  ["0", "no watch"],
  ["30", "30 minutes"],
  ["1440", "a day"],
];

export function UpgradeDialog({
  tenant,
  install,
  onClose,
}: {
  tenant: string;
  install: Install;
  onClose: () => void;
}) {
  const versions = useVersions(install.app);
  const [chosen, setChosen] = useState("");
  const others = (versions.data ?? []).filter((one) => one !== install.version);
  const version = chosen || (install.offer?.version ?? others[0] ?? "");
  const plan = useQuery({
    queryKey: [tenant, "plan", install.id, version],
    queryFn: () =>
      answer(
        api.GET("/v1/tenants/{tenant}/installs/{install}/plan", {
          params: { path: { tenant, install: install.id }, query: { version } },
        }),
      ),
    enabled: version !== "",
    retry: false,
  });
  return (
    <Dialog title={`Upgrade ${install.name} from ${install.version}`} onClose={onClose} wide>
      {versions.data && others.length === 0 && <Empty title="There is no other version" />}
      {others.length > 0 && (
        <SelectField label="To version" value={version} onChange={setChosen} options={others} />
      )}
      {version && (
        <div className="two">
          <Shown query={plan}>
            {(data) => <PlanView tenant={tenant} plan={data} install={install} onClose={onClose} />}
          </Shown>
          <section className="card stack" aria-label="Rehearsal">
            <h3>Rehearsal</h3>
            <p className="muted small">Its last runs, with {version}, dry: no effect is performed.</p>
            <Rehearsal key={version} tenant={tenant} install={install.id} version={version} />
          </section>
        </div>
      )}
    </Dialog>
  );
}

function PlanView(props: { tenant: string; plan: Plan; install: Install; onClose: () => void }) {
  const { tenant, plan, install } = props;
  const say = useSay();
  const [consent, setConsent] = useState(plan.consent.length === 0);
  const [minutes, setMinutes] = useState("30");
  const upgrade = useChange(tenant, () =>
    answer(
      api.POST("/v1/tenants/{tenant}/installs/{install}/upgrade", {
        params: { path: { tenant, install: install.id } },
        body: {
          version: plan.to,
          grant: plan.consent,
          config: null,
          secrets: {},
          ...(minutes === "0" ? {} : { watch: { minutes: Number(minutes), rate: 0.5, runs: 3 } }),
        },
      }),
    ),
  );
  const errors = plan.findings.filter((one) => one.severity === "error");
  return (
    <section className="card stack" aria-label="What changes">
      <h3>
        From {plan.before} to {plan.to}
      </h3>
      <Change name="Permissions" change={plan.scopes} />
      <Change name="Triggers" change={plan.triggers} />
      <Change name="Tools" change={plan.tools} />
      {plan.findings.map((one) => (
        <Notice key={one.code + one.where} kind={one.severity === "error" ? "bad" : "warn"}>
          {one.what} <span className="muted small">{one.fix}</span>
        </Notice>
      ))}
      {plan.changelog && <pre className="changelog small">{plan.changelog}</pre>}
      {plan.consent.length > 0 && (
        <>
          <h3>It asks for more</h3>
          <ul>
            {plan.consent.map((one) => (
              <li key={one}>{plan.words[one] ?? one}</li>
            ))}
          </ul>
          <CheckField label="It may do this, too" value={consent} onChange={setConsent} />
        </>
      )}
      <SelectField
        label="Go back by itself if its runs fail within"
        value={minutes}
        onChange={setMinutes}
        options={WATCH_MINUTES}
      />
      {upgrade.error && <ProblemNotice problem={upgrade.error} />}
      <div className="row">
        <Action
          kind="primary"
          isDisabled={!consent || errors.length > 0 || upgrade.isPending}
          onPress={() =>
            upgrade.mutate(undefined, {
              onSuccess: () => {
                say(`The upgrade to ${plan.to} has begun.`);
                props.onClose();
              },
            })
          }
        >
          Upgrade to {plan.to}
        </Action>
        <Action onPress={props.onClose}>Cancel</Action>
      </div>
    </section>
  );
}

function Change({ name, change }: { name: string; change: Plan["scopes"] }) {
  const { added = [], removed = [], changed = [] } = change ?? {};
  if (added.length + removed.length + changed.length === 0)
    return (
      <p className="small">
        <strong>{name}</strong> <span className="muted">as before</span>
      </p>
    );
  return (
    <div className="small">
      <strong>{name}</strong>
      <ul>
        {added.map((one) => (
          <li key={`+${one}`}>
            <span className="chip good">added</span> {one}
          </li>
        ))}
        {removed.map((one) => (
          <li key={`-${one}`}>
            <span className="chip bad">removed</span> {one}
          </li>
        ))}
        {changed.map((one) => (
          <li key={`~${one}`}>
            <span className="chip warn">changed</span> {one}
          </li>
        ))}
      </ul>
    </div>
  );
}
