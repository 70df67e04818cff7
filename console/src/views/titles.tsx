// What pages an app brings, on its own page before it is installed.
import type { Schemas } from "../api/client";

const PLACES = {
  tenant: "a page of its own",
  asset: "with each asset",
  install: "with the install",
  run: "with each run",
};

export function ViewTitles({ views }: { views: Schemas["ListedView"][] }) {
  if (views.length === 0) return null;
  return (
    <section className="card" aria-label="Pages">
      <h2>Pages that it brings</h2>
      <ul>
        {views.map((view) => (
          <li key={`${view.where} ${view.title}`}>
            {view.title}, <span className="muted">{PLACES[view.where]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
