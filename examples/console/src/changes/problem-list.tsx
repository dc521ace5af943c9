import { Badge } from "../design/components.tsx";
import { settingNames } from "./setting-names.ts";
import type { Plan } from "./use-review.ts";

type PlanProblem = Plan["problems"][number];

type Props = {
  readonly problems: readonly PlanProblem[];
  /** Show the place in the editor. Without it, places are plain text. */
  readonly onGoTo?: (line: number, column: number) => void;
};

function Place({ problem, onGoTo }: { readonly problem: PlanProblem } & Pick<Props, "onGoTo">) {
  const { line, column, field } = problem;
  if (line === null || line === undefined) {
    const name = field?.replace(/^input\./, "") ?? "";
    return name === "" ? null : <span className="muted small">{settingNames[name] ?? name}</span>;
  }
  const text = `line ${line}${column === null || column === undefined ? "" : `, column ${column}`}`;
  if (onGoTo === undefined) return <span className="muted small nowrap">{text}</span>;
  return (
    <button type="button" className="where" onClick={() => onGoTo(line, column ?? 1)}>
      {text}
    </button>
  );
}

/** What a person does in this console about a problem whose message is written for callers of the API. */
const hints: Readonly<Record<string, string>> = {
  ENV_KEYS_LOST: "On the environment tab, type their values again, or remove them.",
  OPERATION_RUNNING: "The change can wait for it: see below.",
};

/** Message in which names are between backticks. */
function Message({ text }: { readonly text: string }) {
  const parts = text
    .split("`")
    .map((part, index) => ({ part, isName: index % 2 === 1, id: `${index} ${part}` }));
  return parts.map(({ part, isName, id }) => (isName ? <code key={id}>{part}</code> : part));
}

/** Problems of a change, errors first. */
export function ProblemList({ problems, onGoTo }: Props) {
  const sorted = problems.toSorted((a, b) => a.severity.localeCompare(b.severity));
  return (
    <ul className="problems">
      {sorted.map((problem) => (
        <li key={`${problem.code} ${problem.line} ${problem.column} ${problem.message}`}>
          <Badge tone={problem.severity === "ERROR" ? "danger" : "warning"}>
            {problem.severity === "ERROR" ? "Error" : "Warning"}
          </Badge>
          <span>
            <Message text={problem.message} /> {hints[problem.code]}{" "}
            <Place problem={problem} {...(onGoTo && { onGoTo })} />
          </span>
        </li>
      ))}
    </ul>
  );
}
