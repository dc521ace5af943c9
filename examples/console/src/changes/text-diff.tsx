import { structuredPatch } from "diff";

type Line = { readonly id: string; readonly mark: string; readonly text: string };

const kinds: Readonly<Record<string, { readonly className: string; readonly word: string }>> = {
  "+": { className: "added", word: "added: " },
  "-": { className: "removed", word: "removed: " },
};

/** List the lines that differ, each with three lines around it. */
function listLines(before: string, after: string): Line[] {
  const { hunks } = structuredPatch("before", "after", before, after, undefined, undefined, { context: 3 });
  return hunks.flatMap((hunk, index) => [
    ...(index === 0 ? [] : [{ id: `gap ${hunk.oldStart}`, mark: "…", text: "" }]),
    ...hunk.lines
      .filter((line) => !line.startsWith("\\"))
      .map((line, offset) => ({
        id: `${hunk.oldStart} ${hunk.newStart} ${offset}`,
        mark: line.slice(0, 1),
        text: line.slice(1),
      })),
  ]);
}

type Props = { readonly label: string; readonly before: string; readonly after: string };

/** Difference between two texts, line by line. */
export function TextDiff({ label, before, after }: Props) {
  const lines = listLines(before, after);
  if (lines.length === 0) return <p className="muted">The text is the same.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
    <section className="diff" aria-label={label} tabIndex={0}>
      <table>
        <tbody>
          {lines.map(({ id, mark, text }) => (
            <tr key={id} className={mark === "…" ? "gap" : (kinds[mark]?.className ?? "")}>
              <td className="mark" aria-hidden="true">
                {mark}
              </td>
              <td>
                <span className="visually-hidden">{kinds[mark]?.word}</span>
                {text}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
