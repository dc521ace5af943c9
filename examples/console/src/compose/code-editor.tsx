import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { defaultHighlightStyle, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";

/** Problem at a place in the text. Lines and columns start at 1. */
export type TextProblem = {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly isError: boolean;
};

/** What a page can do with an editor. */
export type EditorHandle = { goTo(line: number, column: number): void };

type Props = {
  readonly ref?: Ref<EditorHandle>;
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly problems: readonly TextProblem[];
  readonly isReadOnly: boolean;
  readonly language: "yaml" | "text";
};

const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--syntax-key)" },
  { tag: [tags.string, tags.content], color: "var(--syntax-text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--syntax-number)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
]);

/** Return the position of a line and a column. What lies outside of the text is moved into it. */
function findPosition(text: Text, line: number, column: number): number {
  const { from, length } = text.line(Math.max(1, Math.min(line, text.lines)));
  return from + Math.max(0, Math.min(column - 1, length));
}

function createDiagnostics(text: Text, problems: readonly TextProblem[]): Diagnostic[] {
  return problems.map(({ line, column, message, isError }) => {
    const from = findPosition(text, line, column);
    const end = text.lineAt(from).to;
    return { from, to: end > from ? end : from, severity: isError ? "error" : "warning", message };
  });
}

function createExtensions({ label, language, isReadOnly }: Props, onText: (text: string) => void) {
  return [
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    drawSelection(),
    history(),
    lintGutter(),
    indentUnit.of("  "),
    // Tab leaves the editor, so that the keyboard is never caught in it.
    keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
    language === "yaml" ? yaml() : [],
    syntaxHighlighting(colors),
    syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
    EditorView.lineWrapping,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onText(update.state.doc.toString());
    }),
  ];
}

/** Editor for a text with problems at lines and columns. */
export function CodeEditor(props: Props) {
  const { ref, value, problems, onChange } = props;
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once, and then gets what changes
  useEffect(() => {
    if (parent.current === null) return;
    const extensions = createExtensions(props, (text) => latest.current(text));
    const editor = new EditorView({
      parent: parent.current,
      state: EditorState.create({ doc: value, extensions }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [props.isReadOnly, props.language]);
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    editor.dispatch(setDiagnostics(editor.state, createDiagnostics(editor.state.doc, problems)));
  }, [problems]);
  useImperativeHandle(ref, () => ({
    goTo(line, column) {
      const editor = view.current;
      if (editor === null) return;
      const anchor = findPosition(editor.state.doc, line, column);
      editor.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
      editor.focus();
    },
  }));
  return <div className="editor" ref={parent} />;
}
