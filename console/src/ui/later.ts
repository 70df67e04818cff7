// What a page reads besides: once it has shown what it was opened for.
import { useEffect, useState } from "react";

const LATER_MS = 2_000;

/** Whether the page has been open for two seconds. */
export function useLater(): boolean {
  const [later, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), LATER_MS);
    return () => clearTimeout(timer);
  }, []);
  return later;
}
