// A recorded input or output: the value, or how large one is that is stored apart.
import { bytes } from "../ui/format";
import { Json } from "../ui/json";
import type { Run } from "./queries";

export function BodyView({ body, label }: { body: Run["input"]; label: string }) {
  if (body.key && body.value === undefined)
    return <p className="muted">{bytes(body.size)}; too large to show here: interlock run show --whole</p>;
  return <Json value={body.value ?? null} label={label} />;
}
