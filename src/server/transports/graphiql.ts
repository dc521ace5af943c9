import type { GraphiQLOptions } from "graphql-yoga";
import { listExamples } from "./graphiql-tabs.ts";

/**
 * Create the options of GraphiQL: example operations in tabs, and headers that say who the caller is.
 *
 * @param onSandbox - whether the examples name CVMs of the sandbox
 */
export function createGraphiqlOptions(
  suggestedHeaders: Readonly<Record<string, string>>,
  onSandbox: boolean,
): GraphiQLOptions {
  const headers = JSON.stringify(suggestedHeaders, null, 2);
  return {
    title: "cvm-gateway",
    defaultTabs: listExamples(onSandbox).map(({ query, variables }) => ({
      query,
      headers,
      ...(variables === undefined ? {} : { variables: JSON.stringify(variables, null, 2) }),
    })),
    defaultHeaders: headers,
    defaultEditorToolsVisibility: "variables",
    shouldPersistHeaders: false,
  };
}

/**
 * Keeps a tab in its place while it has the focus. GraphiQL leaves a transform of an animation on each tab, and its
 * own style ignores it only without focus. So a tab would move away from under the pointer, and its click get lost.
 */
const TAB_STYLE = "<style>.graphiql-container .graphiql-tab { transform: none !important; }</style>";

/** Where the page starts GraphiQL. */
const START = "YogaGraphiQL.renderYogaGraphiQL(";

/**
 * Starts GraphiQL with two corrections for which it has no option:
 *
 * - Long lines of variables and headers, such as a compose hash, are broken. The editors are reached through the global
 *   API of Monaco.
 * - A tab has the name of its own operation from the beginning. GraphiQL reads the name from the editor 100 ms after the
 *   text has changed. Until then it would execute the text of the new tab with the name of the operation before, which
 *   fails with "Cannot infer operation". The object that `onTabChange` receives becomes the state of GraphiQL.
 */
const CORRECTED_START = `((root, options) => {
  monaco.editor.onDidCreateEditor((editor) => editor.onDidChangeModel(() => {
    if (editor.getModel()?.getLanguageId() === "json") editor.updateOptions({ wordWrap: "on" });
  }));
  const onTabChange = (state) => {
    state.operationName = state.tabs[state.activeTabIndex].operationName;
  };
  YogaGraphiQL.renderYogaGraphiQL(root, { ...options, onTabChange });
})(`;

/** Correct the page of GraphiQL. */
export function correctPage(page: string): string {
  const start = page.lastIndexOf(START);
  const head = page
    .slice(0, start)
    .replace("globalAPI: false", "globalAPI: true")
    .replace("</head>", () => `${TAB_STYLE}</head>`);
  return head + CORRECTED_START + page.slice(start + START.length);
}
