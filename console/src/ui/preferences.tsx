// What a reader chose for this browser: the theme, and the time zone. Nothing secret is kept.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";

export type Theme = "system" | "light" | "dark";

interface Preferences {
  theme: Theme;
  zone: string;
  setTheme: (theme: Theme) => void;
  setZone: (zone: string) => void;
}

const KEY = "interlock-preferences";
export const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const Context = createContext<Preferences | null>(null);

function read(): { theme: Theme; zone: string } {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as { theme?: Theme; zone?: string };
    return { theme: kept.theme ?? "system", zone: kept.zone ?? LOCAL_ZONE };
  } catch {
    return { theme: "system", zone: LOCAL_ZONE };
  }
}

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [{ theme, zone }, set] = useState(read);
  useEffect(() => {
    localStorage.setItem(KEY, JSON.stringify({ theme, zone }));
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      document.documentElement.dataset.theme =
        theme === "dark" || (theme === "system" && dark.matches) ? "dark" : "light";
    };
    apply();
    dark.addEventListener("change", apply);
    return () => dark.removeEventListener("change", apply);
  }, [theme, zone]);
  const value = useMemo(
    () => ({
      theme,
      zone,
      setTheme: (next: Theme) => set((now) => ({ ...now, theme: next })),
      setZone: (next: string) => set((now) => ({ ...now, zone: next })),
    }),
    [theme, zone],
  );
  return <Context value={value}>{children}</Context>;
}

export function usePreferences(): Preferences {
  const value = useContext(Context);
  if (value === null) throw new Error("no preferences around this component");
  return value;
}
