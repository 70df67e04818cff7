// Tables: a plain one, and rows that are drawn only where they are seen.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useRef } from "react";
import { Scrolls } from "./scrolls";

export interface Column<T> {
  title: string;
  cell: (row: T) => ReactNode;
  number?: boolean;
  small?: "hide";
}

export function Table<T>(props: {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
}) {
  return (
    <div className="table-wrap">
      <table aria-label={props.label}>
        <thead>
          <tr>
            {props.columns.map((one) => (
              <th key={one.title} scope="col" className={classes(one)}>
                {one.title || <span className="unseen">Actions</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.rowKey(row)}>
              {props.columns.map((one) => (
                <td key={one.title} className={classes(one)}>
                  {one.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classes<T>(column: Column<T>): string {
  return `${column.number ? "number" : ""} ${column.small === "hide" ? "hide-small" : ""}`;
}

/** A list of thousands: each row has one height, and only those in sight are in the page. */
export function VirtualRows<T>(props: {
  label: string;
  rows: T[];
  height: number;
  rowHeight: number;
  rowKey: (row: T, index: number) => string;
  row: (row: T, index: number) => ReactNode;
}) {
  const box = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: props.rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => props.rowHeight,
    overscan: 12,
    useFlushSync: false,
  });
  return (
    <Scrolls label={props.label} className="virtual" style={{ maxHeight: props.height }} ref={box}>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const row = props.rows[item.index] as T;
          return (
            <div
              key={props.rowKey(row, item.index)}
              className="virtual-row"
              style={{ height: props.rowHeight, transform: `translateY(${item.start}px)` }}
            >
              {props.row(row, item.index)}
            </div>
          );
        })}
      </div>
    </Scrolls>
  );
}
