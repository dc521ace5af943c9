import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { errorCatalog } from "../../src/error-catalog.ts";
import { requirePart } from "../support/parts/parts.ts";
import { startMain } from "../support/process.ts";
import { alertScenarios } from "./alert-scenarios.ts";
import { listUnreadFields } from "./known-fields.ts";
import { readDocuments } from "./kustomize.ts";

const root = join(import.meta.dirname, "../..");
const RULES = join(root, "deploy/observability/alerts.yaml");
const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(["page", "ticket"]) }),
          annotations: z.object({ summary: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
});
const alerts = rulesSchema.parse(readDocuments(RULES)[0]).groups.flatMap(({ rules }) => rules);

const dashboardSchema = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ expr: z.string() })).min(1),
    }),
  ),
});
const { panels } = dashboardSchema.parse(
  JSON.parse(readFileSync(join(root, "deploy/observability/dashboard.json"), "utf8")),
);
const panelExpressions = panels.flatMap(({ targets }) =>
  targets.map(({ expr }) => expr.replaceAll("$job", "cvm-gateway")),
);
const expressions = [...alerts.map(({ expr }) => expr), ...panelExpressions];

/** Run promtool on a file. @throws with its output when it finds an error */
function checkWithPromtool(command: string, name: string, content: unknown): string {
  const directory = mkdtempSync(join(tmpdir(), "cvm-gateway-rules-"));
  try {
    const path = join(directory, name);
    writeFileSync(path, stringify(content));
    return execFileSync(requirePart("promtool"), [...command.split(" "), path], { encoding: "utf8" });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("the rules and the dashboard", { tags: ["promtool"] }, () => {
  it("are valid for Prometheus", () => {
    const output = execFileSync(requirePart("promtool"), ["check", "rules", RULES], { encoding: "utf8" });
    expect(output).toContain(`${alerts.length} rules found`);
    const rules = panelExpressions.map((expr, index) => ({ record: `panel_${index}`, expr }));
    expect(
      checkWithPromtool("check rules", "panels.yaml", { groups: [{ name: "panels", rules }] }),
    ).toContain(`${rules.length} rules found`);
  });

  it.each(alertScenarios)(
    "fire $alert when $reason, and not before",
    ({ alert, interval, at, series, quiet }) => {
      const count = `count(ALERTS{alertname="${alert}",alertstate="firing"})`;
      const test = (values: Readonly<Record<string, string>>, fires: boolean) => ({
        interval,
        input_series: Object.entries(values).map(([name, samples]) => ({ series: name, values: samples })),
        promql_expr_test: [
          { expr: `${count} > 0`, eval_time: at, exp_samples: fires ? [{ labels: "{}", value: 1 }] : [] },
        ],
      });
      expect(
        checkWithPromtool("test rules", "test.yaml", {
          rule_files: [RULES],
          evaluation_interval: interval,
          tests: [test(series, true), test(quiet, false)],
        }),
      ).toContain("SUCCESS");
    },
  );

  it("are also a PrometheusRule, as the run book creates it", () => {
    const manifest = {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: "cvm-gateway" },
      spec: readDocuments(RULES)[0],
    };
    expect(listUnreadFields(manifest, (watched) => PrometheusRule.prototype.validate.call(watched))).toEqual(
      [],
    );
  });

  it("have a scenario for each alert", () => {
    expect(alertScenarios.map(({ alert }) => alert)).toEqual(alerts.map(({ alert }) => alert));
  });
});

describe("the run book", () => {
  const text = readFileSync(join(root, "docs/operations.md"), "utf8");
  const section = text.slice(text.indexOf("## When an alert fires"), text.indexOf("## Publish a version"));
  const headings = [...section.matchAll(/^### (.*)$/gm)].map(([, heading = ""]) => heading);

  it("has a section for each alert, and an alert for each section", () => {
    expect(headings).not.toEqual([]);
    expect(headings.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted());
  });

  it("is linked by each alert, to its section", () => {
    const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const page = `${repository.url.replace(/^git\+|\.git$/g, "")}/blob/main/docs/operations.md`;
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook_url).toBe(`${page}#${alert.toLowerCase()}`);
    }
  });
});

/** Labels that Prometheus adds to each series of a pod. */
const TARGET_LABELS = ["job", "instance", "namespace", "pod"];

describe("the metrics of the rules and of the dashboard", () => {
  const selectors = expressions.flatMap((expr) => [
    ...expr.matchAll(/\b((?:cvm_gateway|nodejs|process)_\w+)(?:\{([^}]*)\})?/g),
  ]);

  it("are exported by a running gateway, with the labels that are selected", async () => {
    await using gateway = await startMain({ METRICS_PORT: "0" });
    await gateway.ask("{ cvms { totalCount } }");
    // The sandbox answers this CVM with 503, which is read again.
    await gateway.ask('{ cvm(id: "fails-503") { id } }');
    const [, url = ""] = await gateway.waitFor(/"url":"(\S+?\/metrics)"/);
    const exported = await (await fetch(url)).text();
    const names = new Set(
      [...exported.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = "", type]) =>
        type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
    expect(selectors.length).toBeGreaterThan(30);
    expect([...new Set(selectors.map(([, name = ""]) => name))].filter((name) => !names.has(name))).toEqual(
      [],
    );
    for (const [, name = "", matchers = ""] of selectors) {
      const [series = ""] = exported.match(new RegExp(`^${name}\\{.*$`, "m")) ?? [];
      const labels = [...series.matchAll(/(\w+)="/g)].map(([, label]) => label);
      for (const [, label = ""] of matchers.matchAll(/(\w+)[=!]~?"/g)) {
        expect([...labels, ...TARGET_LABELS], name).toContain(label);
      }
    }
  });

  it("are selected by outcomes that exist", () => {
    const outcomes = expressions.flatMap((expr) =>
      [...expr.matchAll(/outcome=~?"([^"]*)"/g)].flatMap(([, text = ""]) => text.split("|")),
    );
    const known = [...Object.keys(errorCatalog), "ok"];
    expect(outcomes.filter((outcome) => !known.includes(outcome))).toEqual([]);
  });
});

describe("the dashboard", () => {
  it("has panels with different ids that do not overlap", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});
