// A value as JSON. What is shown is what was recorded; a copy has the exact text.
import { Copy } from "./controls";
import { Scrolls } from "./scrolls";

const SHOWN = 20_000;

export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? "null";
}

export function Json({ value, label }: { value: unknown; label: string }) {
  const text = pretty(value);
  const cut = text.length > SHOWN;
  return (
    <div className="json-value">
      <Scrolls label={label} className="json">
        <pre>{cut ? `${text.slice(0, SHOWN)}\n… ${text.length - SHOWN} more characters` : text}</pre>
      </Scrolls>
      <Copy text={text} label="Copy JSON" />
    </div>
  );
}
