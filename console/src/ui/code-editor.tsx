import { closeBrackets, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { jsonSchema } from "codemirror-json-schema";
import { useEffect, useRef } from "react";
import type { EditorProps } from "./editor";

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
    const view = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: first.current.value,
        extensions: [
          lineNumbers(),
          history(),
          bracketMatching(),
          closeBrackets(),
          lintGutter(),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
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
    return () => view.destroy();
  }, []);
  return <div ref={box} className="editor" />;
}
