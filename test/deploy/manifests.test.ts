import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { StatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { Service } from "kubernetes-models/v1/Service";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config.ts";
import { listUnreadFields } from "./known-fields.ts";
import { type Manifest, readDocuments, renderKustomization } from "./kustomize.ts";

const folder = join(import.meta.dirname, "../../deploy");
const rendered: Readonly<Record<string, Manifest[]>> = {
  base: renderKustomization(join(folder, "kubernetes/base")),
  production: renderKustomization(join(folder, "kubernetes/overlays/production")),
  redis: renderKustomization(join(folder, "kubernetes/redis")),
};
const models = [
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  ServiceMonitor,
  StatefulSet,
];

function findModel({ apiVersion, kind }: Manifest) {
  const model = models.find((candidate) => candidate.apiVersion === apiVersion && candidate.kind === kind);
  if (model === undefined) throw new Error(`There is no model of ${apiVersion} ${kind}.`);
  return model;
}

/** List the errors of a manifest: those of its schema, and fields that the schema does not know. */
function listErrors(manifest: Manifest): string[] {
  const { validate } = findModel(manifest).prototype;
  try {
    return listUnreadFields(manifest, (watched) => validate.call(watched));
  } catch (error) {
    return [String(error)];
  }
}

function find(name: string, kind: string): Manifest {
  const manifest = rendered[name]?.find((candidate) => candidate.kind === kind);
  if (manifest === undefined) throw new Error(`${name} has no ${kind}.`);
  return manifest;
}

const all = Object.entries(rendered).flatMap(([name, manifests]) =>
  manifests.map((manifest) => ({ name: `${name}: ${manifest.kind} ${manifest.metadata.name}`, manifest })),
);

describe("the manifests for Kubernetes", () => {
  it.each(all)("follow the published schema, without an unknown field: $name", ({ manifest }) => {
    expect(listErrors(manifest)).toEqual([]);
  });

  it.each([
    ["a misspelt field", (pod: Manifest) => (pod.readinesProbe = {})],
    ["a value of the wrong type", (pod: Manifest) => (pod.ports[0].containerPort = "http")],
  ])("would be rejected with %s", (_name, change) => {
    const manifest = structuredClone(find("base", "Deployment"));
    change(manifest.spec.template.spec.containers[0]);
    expect(listErrors(manifest)).not.toEqual([]);
  });

  it.each(["base", "production"])("of %s select their own pods by the same label", (name) => {
    const { labels } = find(name, "Deployment").spec.template.metadata;
    for (const kind of ["Service", "PodDisruptionBudget", "NetworkPolicy", "Deployment"]) {
      const { spec } = find(name, kind);
      const selector = spec.podSelector ?? spec.selector;
      expect(selector.matchLabels ?? selector, kind).toEqual(labels);
    }
  });

  it.each(["base", "production"])("of %s give the process longer than delay and drain together", (name) => {
    const { data } = find(name, "ConfigMap");
    const { terminationGracePeriodSeconds } = find(name, "Deployment").spec.template.spec;
    const stopMs = Number(data.SHUTDOWN_DELAY_MS) + Number(data.DRAIN_TIMEOUT_MS);
    expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(stopMs + 10_000);
  });

  it.each(["base", "production"])(
    "of %s wait until every load balancer knows that a pod is not ready",
    (name) => {
      const [{ readinessProbe }] = find(name, "Deployment").spec.template.spec.containers;
      const noticedMs = readinessProbe.periodSeconds * readinessProbe.failureThreshold * 1_000;
      expect(Number(find(name, "ConfigMap").data.SHUTDOWN_DELAY_MS)).toBeGreaterThanOrEqual(
        noticedMs + 5_000,
      );
    },
  );

  it.each(["base", "production"])(
    "of %s contain settings that the gateway accepts, and no secret",
    (name) => {
      const { data } = find(name, "ConfigMap");
      const [container] = find(name, "Deployment").spec.template.spec.containers;
      expect(() => loadConfig({ NODE_ENV: "production", ...data })).not.toThrow();
      expect(Object.keys(data)).not.toContain("REDIS_URL");
      for (const variable of container.env)
        expect(variable).toMatchObject({ valueFrom: { secretKeyRef: {} } });
      expect(container.env[0]).toMatchObject({ name: "REDIS_URL" });
      expect(container.env[0].valueFrom.secretKeyRef.optional).toBeUndefined();
    },
  );

  it.each(["base", "production", "redis"])("of %s run without root, on a read-only file system", (name) => {
    const workloads = rendered[name]?.filter(({ spec }) => spec?.template !== undefined) ?? [];
    expect(workloads.length).toBe(1);
    for (const { spec } of workloads) {
      const pod = spec.template.spec;
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      });
      expect(pod.containers[0]).toMatchObject({
        resources: { requests: { cpu: expect.any(String) }, limits: { memory: expect.any(String) } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      });
    }
  });

  it("start two pods on different nodes, and in production leave their number to the autoscaler", () => {
    expect(find("base", "Deployment").spec.replicas).toBe(2);
    const { spec } = find("production", "Deployment");
    expect(spec.replicas).toBeUndefined();
    expect(spec.template.spec.topologySpreadConstraints[0]).toMatchObject({
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "DoNotSchedule",
    });
    expect(find("production", "HorizontalPodAutoscaler").spec).toMatchObject({
      scaleTargetRef: { name: find("production", "Deployment").metadata.name },
      minReplicas: 2,
      metrics: [
        { resource: { name: "cpu" } },
        {
          pods: {
            metric: { name: "cvm_gateway_subscriptions" },
            target: { averageValue: expect.any(String) },
          },
        },
      ],
    });
  });

  it("scale by a metric for which the run book has the rule of the adapter", () => {
    const [, streams] = find("production", "HorizontalPodAutoscaler").spec.metrics;
    const text = readFileSync(join(folder, "../docs/operations.md"), "utf8");
    const [, snippet = ""] = /```yaml\n(rules:[\s\S]*?)```/.exec(text) ?? [];
    const { custom } = parse(snippet).rules;
    expect(custom).toHaveLength(1);
    expect(custom[0].seriesQuery.split("{")[0]).toBe(streams.pods.metric.name);
  });

  it("add pods before the streams of a pod reach their limit", () => {
    const [, streams] = find("production", "HorizontalPodAutoscaler").spec.metrics;
    const limit = Number(find("production", "ConfigMap").data.MAX_STREAMS);
    expect(Number(streams.pods.target.averageValue)).toBeLessThan(limit / 2);
  });

  it("name an image with a version in production, the version of package.json", () => {
    const { version } = readDocuments(join(folder, "../package.json"))[0];
    const [{ image }] = find("production", "Deployment").spec.template.spec.containers;
    expect(image).toBe(`ghcr.io/cvm-gateway/cvm-gateway:${version}`);
  });
});

describe("the steps from a clone to two gateways in docs/operations.md", () => {
  const text = readFileSync(join(folder, "../docs/operations.md"), "utf8");
  const steps = text.slice(text.indexOf("## From a clone"), text.indexOf("## Redis in the cluster"));

  it("create each key of the secret that the pods need", () => {
    const created = [...steps.matchAll(/--from-literal=(\w+)=/g)].map(([, key]) => key);
    const needed = ["base", "redis"].flatMap((name) =>
      find(name, name === "base" ? "Deployment" : "StatefulSet")
        .spec.template.spec.containers[0].env.map((variable: Manifest) => variable.valueFrom.secretKeyRef)
        .filter(({ optional }: Manifest) => optional !== true)
        .map(({ key }: Manifest) => key),
    );
    expect(created.toSorted()).toEqual(needed.toSorted());
    expect(steps).toContain("create secret generic cvm-gateway");
    expect(steps).toContain(`@${find("redis", "Service").metadata.name}:6379`);
  });

  it("write an overlay that renders two pods with the image that they push", () => {
    const [, overlay = ""] = /<<'YAML'\n([\s\S]*?)\nYAML/.exec(steps) ?? [];
    const own = mkdtempSync(join(folder, "kubernetes/overlays/test-"));
    try {
      writeFileSync(join(own, "kustomization.yaml"), overlay);
      const deployment = renderKustomization(own).find(({ kind }) => kind === "Deployment");
      expect(deployment.metadata.namespace).toBe("cvm-gateway");
      expect(deployment.spec.replicas).toBe(2);
      const [{ image }] = deployment.spec.template.spec.containers;
      expect(steps).toContain(`docker push ${image}`);
    } finally {
      rmSync(own, { recursive: true });
    }
  });

  it("use files that exist", () => {
    const paths = [...text.matchAll(/(?<![\w/])(?:deploy|\.github)\/[\w./-]*\w/g)].map(([path]) => path);
    expect(paths.length).toBeGreaterThan(10);
    const own = /^deploy\/(?:\.env$|kubernetes\/overlays\/mine(?:\/|$))/;
    expect(paths.filter((path) => !own.test(path) && !existsSync(join(folder, "..", path)))).toEqual([]);
  });
});
