// Where the focus goes when the control that had it is no longer there.
import { type RefObject, useEffect } from "react";

/**
 * Gives the focus to the box when the focused control in it is removed or disabled.
 *
 * A browser then gives it to the page without an event, and the box no longer hears Escape.
 */
export function useKeptFocus(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let last: Element | null = null;
    const remember = () => {
      last = document.activeElement;
    };
    const keep = () => {
      const lost = last && (!last.isConnected || last.matches(":disabled"));
      const now = document.activeElement;
      if (lost && (now === last || now === document.body)) element.focus();
    };
    const observer = new MutationObserver(keep);
    observer.observe(element, { subtree: true, childList: true, attributeFilter: ["disabled"] });
    element.addEventListener("focusin", remember);
    return () => {
      observer.disconnect();
      element.removeEventListener("focusin", remember);
    };
  }, [box]);
}
