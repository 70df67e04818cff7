// What was done, said for a moment at the edge, and to screen readers.
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";

type Say = (text: ReactNode, kind?: "good" | "bad" | "warn") => void;
const Context = createContext<Say>(() => undefined);
const SHOWN_MS = 6000;
let next = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<{ id: number; text: ReactNode; kind: string }[]>([]);
  const say = useCallback<Say>((text, kind = "good") => {
    const id = ++next;
    setToasts((now) => [...now, { id, text, kind }]);
    setTimeout(() => setToasts((now) => now.filter((one) => one.id !== id)), SHOWN_MS);
  }, []);
  const value = useMemo(() => say, [say]);
  return (
    <Context value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map((one) => (
          <div key={one.id} className={`notice ${one.kind}`}>
            {one.text}
          </div>
        ))}
      </div>
    </Context>
  );
}

export function useSay(): Say {
  return useContext(Context);
}
