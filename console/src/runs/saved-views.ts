// A reader's own views of the list, in this browser.
import { useState } from "react";

export interface SavedView {
  name: string;
  filters: string;
}

const key = (tenant: string) => `interlock-views-${tenant}`;

function read(tenant: string): SavedView[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(tenant)) ?? "[]");
    return Array.isArray(kept) ? (kept as SavedView[]) : [];
  } catch {
    return [];
  }
}

function write(tenant: string, views: SavedView[]): SavedView[] {
  localStorage.setItem(key(tenant), JSON.stringify(views));
  return views;
}

export function useViews(tenant: string) {
  return useState(() => read(tenant));
}

export function keepView(tenant: string, view: SavedView): SavedView[] {
  return write(tenant, [...read(tenant).filter((one) => one.name !== view.name), view]);
}

export function removeView(tenant: string, name: string): SavedView[] {
  return write(
    tenant,
    read(tenant).filter((one) => one.name !== name),
  );
}
