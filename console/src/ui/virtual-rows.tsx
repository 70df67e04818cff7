// A list of thousands: only the rows in sight are in the page. Tab reaches the list once; arrow keys go through all rows.
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";

export function VirtualRows<T>(props: {
  label: string;
  rows: T[];
  height: number;
  rowHeight: number;
  rowKey: (row: T) => string;
  /** The row that Tab reaches first; without one, the first row. */
  chosen: string;
  /** A row with one button; Tab reaches it where `stop` is true. */
  row: (row: T, stop: boolean) => ReactNode;
}) {
  const { rows, rowKey, chosen } = props;
  const box = useRef<HTMLElement>(null);
  const [here, setHere] = useState("");
  const moved = useRef(false);
  const stop = useMemo(
    () =>
      Math.max(
        0,
        rows.findIndex((row) => rowKey(row) === (here || chosen)),
      ),
    [rows, rowKey, here, chosen],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => props.rowHeight,
    overscan: 12,
    useFlushSync: false,
    // The row that has the focus stays in the page when it is scrolled out of sight: else the focus would be lost.
    rangeExtractor: useCallback(
      (range: Range) => {
        const seen = defaultRangeExtractor(range);
        if (seen.includes(stop) || stop >= range.count) return seen;
        return [...seen, stop].sort((one, other) => one - other);
      },
      [stop],
    ),
  });
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    virtual.scrollToIndex(stop);
    box.current?.querySelector<HTMLElement>(`[data-index="${stop}"] button`)?.focus({ preventScroll: true });
  }, [stop, virtual]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const last = rows.length - 1;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / props.rowHeight) - 1);
    const target = {
      ArrowDown: stop + 1,
      ArrowUp: stop - 1,
      PageDown: stop + page,
      PageUp: stop - page,
      Home: 0,
      End: last,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const row = rows[Math.min(last, Math.max(0, target))];
    if (row === undefined || rowKey(row) === rowKey(rows[stop] as T)) return;
    moved.current = true;
    setHere(rowKey(row));
  };
  return (
    <section ref={box} className="virtual" aria-label={props.label} style={{ maxHeight: props.height }}>
      <ul style={{ height: virtual.getTotalSize() }} onKeyDown={onKeyDown}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index] as T;
          const key = rowKey(row);
          return (
            <li
              key={key}
              className="virtual-row"
              data-index={item.index}
              aria-setsize={rows.length}
              aria-posinset={item.index + 1}
              style={{ height: props.rowHeight, transform: `translateY(${item.start}px)` }}
              onFocus={() => setHere(key)}
            >
              {props.row(row, item.index === stop)}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
