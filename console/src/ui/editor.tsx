// An editor of JSON that knows a schema. CodeMirror is loaded when the first one is opened.
import { lazy, Suspense } from "react";
import { Loading } from "./states";

const CodeEditor = lazy(() => import("./code-editor"));

export interface EditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  schema?: unknown;
}

export function Editor(props: EditorProps) {
  return (
    <Suspense fallback={<Loading rows={3} label="Loading the editor" />}>
      <CodeEditor {...props} />
    </Suspense>
  );
}

/** Why a text is not JSON; empty where it is. */
export function jsonError(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
