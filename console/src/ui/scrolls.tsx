// A part of the page that scrolls by itself: it has a name, and the keyboard reaches it.
import type { CSSProperties, ReactNode, Ref } from "react";

export function Scrolls(props: {
  label: string;
  className: string;
  children: ReactNode;
  style?: CSSProperties;
  ref?: Ref<HTMLElement>;
}) {
  return (
    <section
      ref={props.ref}
      className={props.className}
      style={props.style}
      aria-label={props.label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard can't scroll (WCAG 2.1.1)
      tabIndex={0}
    >
      {props.children}
    </section>
  );
}
