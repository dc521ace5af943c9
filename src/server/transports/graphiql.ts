import type { GraphiQLOptions } from "graphql-yoga";
import { listExamples } from "./graphiql-tabs.ts";

/** Create the options of GraphiQL: example operations in tabs, and an API key in the headers. */
export function createGraphiqlOptions(exampleKey: string | null): GraphiQLOptions {
  const headers = JSON.stringify({ "X-API-Key": exampleKey ?? "your key" }, null, 2);
  return {
    title: "cvm-gateway",
    defaultTabs: listExamples(exampleKey !== null).map(({ query, variables }) => ({
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

/** Correct the page of GraphiQL. */
export function correctPage(page: string): string {
  return page.replace("</head>", () => `${TAB_STYLE}</head>`);
}
