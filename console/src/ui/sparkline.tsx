// Counts of days as small bars; the numbers are its label.
export function Sparkline({
  days,
  label,
  length = 30,
}: {
  days: Record<string, number>;
  label: string;
  length?: number;
}) {
  const names = lastDays(length);
  const most = Math.max(1, ...names.map((name) => days[name] ?? 0));
  const total = names.reduce((sum, name) => sum + (days[name] ?? 0), 0);
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${length * 4} 24`}
      role="img"
      aria-label={`${label}: ${total} in ${length} days`}
    >
      {names.map((name, index) => {
        const height = ((days[name] ?? 0) / most) * 22;
        return (
          <rect key={name} x={index * 4} y={24 - Math.max(height, 1)} width={3} height={Math.max(height, 1)}>
            <title>{`${name}: ${days[name] ?? 0}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

const DAY_MS = 86_400_000;

function lastDays(length: number): string[] {
  const today = Date.now();
  return Array.from({ length }, (_, index) =>
    new Date(today - (length - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}
