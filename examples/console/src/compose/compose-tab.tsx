import { useMemo, useRef } from "react";
import { ErrorNotice } from "../app/error-notice.tsx";
import { useKeyed } from "../app/keyed-store.ts";
import { ProblemList } from "../changes/problem-list.tsx";
import { useCvm } from "../cvm/use-cvm.ts";
import { Button, Card, Loading } from "../design/components.tsx";
import { useSession } from "../sign-in/session.tsx";
import { CodeEditor, type EditorHandle, type TextProblem } from "./code-editor.tsx";
import { useConfiguration } from "./use-configuration.ts";
import { type TextCheck, useTextProblems } from "./use-text-problems.ts";

/** Problems of one field that have a place in its text. */
function listPlaced({ problems }: TextCheck, field: string): TextProblem[] {
  return problems.flatMap(({ line, column, message, severity, ...problem }) =>
    problem.field !== `input.${field}` || line === null || line === undefined
      ? []
      : [{ line, column: column ?? 1, message, isError: severity === "ERROR" }],
  );
}

function describeCheck({ status, problems }: TextCheck): string {
  if (status === "checking") return "Checking…";
  if (status === "failed") return "The text cannot be checked now. The review tries again.";
  if (status === "none") return "";
  if (problems.length === 0) return "No problems found.";
  return problems.length === 1 ? "One problem found." : `${problems.length} problems found.`;
}

/** Docker Compose file and pre-launch script of a CVM. */
export function ComposeTab() {
  const { cvm, draft } = useCvm();
  const { changes } = useSession();
  const change = useKeyed(changes, cvm.id);
  const { configuration, error, isLoading, refetch } = useConfiguration(cvm);
  const settings = draft.draft?.settings ?? null;
  const check = useTextProblems(cvm.id, settings, cvm.viewerCan.plan);
  const composeProblems = useMemo(() => listPlaced(check, "dockerComposeFile"), [check]);
  const scriptProblems = useMemo(() => listPlaced(check, "preLaunchScript"), [check]);
  const editor = useRef<EditorHandle>(null);
  if (isLoading) return <Loading lines={10} label="Reading the configuration" />;
  if (configuration === null || typeof configuration.dockerCompose !== "string") {
    return (
      <ErrorNotice
        title="The configuration cannot be read"
        error={error ?? new Error("The gateway returned no Docker Compose file.")}
        actions={<Button onClick={() => void refetch()}>Try again</Button>}
      />
    );
  }
  const { dockerCompose } = configuration;
  const script = configuration.preLaunchScript ?? "";
  const isReadOnly = !cvm.viewerCan.configure || change?.status === "running";
  const changeCompose = (text: string) =>
    draft.patch({ dockerComposeFile: text === dockerCompose ? undefined : text });
  const changeScript = (text: string) => draft.patch({ preLaunchScript: text === script ? undefined : text });
  return (
    <div className="stack">
      <Card
        title="Docker Compose file"
        actions={
          <span className="muted small" role="status">
            {describeCheck(check)}
          </span>
        }
      >
        <CodeEditor
          ref={editor}
          label="Docker Compose file"
          language="yaml"
          value={settings?.dockerComposeFile ?? dockerCompose}
          onChange={changeCompose}
          problems={composeProblems}
          isReadOnly={isReadOnly}
        />
        {check.problems.length > 0 && (
          <ProblemList
            problems={check.problems}
            onGoTo={(line, column) => editor.current?.goTo(line, column)}
          />
        )}
        {!cvm.viewerCan.configure && <p className="muted">Your roles allow you to read this file.</p>}
      </Card>
      <Card title="Pre-launch script">
        <p className="muted">Runs inside the CVM before the containers start.</p>
        <CodeEditor
          label="Pre-launch script"
          language="text"
          value={settings?.preLaunchScript ?? script}
          onChange={changeScript}
          problems={scriptProblems}
          isReadOnly={isReadOnly}
        />
      </Card>
    </div>
  );
}
