// A named fact of a row of facts (`dl.figures`).
import type { ReactNode } from "react";

export function Figure({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
