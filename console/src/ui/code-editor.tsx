import { closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { jsonSchema } from "codemirror-json-schema";
import { useEffect, useRef } from "react";
import type { EditorProps } from "./editor";

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--good)" },
  { tag: tags.number, color: "var(--busy)" },
  { tag: [tags.bool, tags.null], color: "var(--warn)" },
]);
const LOOK = EditorView.theme({
  "&": { maxHeight: "46vh", minHeight: "150px", background: "var(--sunken)", color: "var(--text)" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontSize: "12.5px", overflow: "auto" },
  ".cm-gutters": {
    background: "var(--sunken)",
    color: "var(--text-2)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-tooltip": { background: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)" },
});

export default function CodeEditor({ label, value, onChange, schema }: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  // The text belongs to the editor once it is open: the first value and schema are those that count.
  const first = useRef({ value, schema, label });
  useEffect(() => {
    if (box.current === null) return;
    const language: Extension =
      typeof first.current.schema === "object" && first.current.schema !== null
        ? jsonSchema(first.current.schema as never)
        : [json(), linter(jsonParseLinter())];
    // In a shadow root its styles are constructed sheets, which the page's policy allows; in the page they are not.
    const root = box.current.shadowRoot ?? box.current.attachShadow({ mode: "open" });
    const host = document.createElement("div");
    root.append(host);
    const view = new EditorView({
      root,
      parent: host,
      state: EditorState.create({
        doc: first.current.value,
        extensions: [
          lineNumbers(),
          history(),
          bracketMatching(),
          closeBrackets(),
          lintGutter(),
          syntaxHighlighting(COLOURS),
          LOOK,
          // Tab leaves the editor, as it leaves every other field.
          keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap]),
          language,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": first.current.label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    return () => {
      view.destroy();
      host.remove();
    };
  }, []);
  return <div ref={box} className="editor" />;
}
