import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FreshProject } from "../fresh-project.ts";

/** What takes the place of the native modules: what Node has. */
const NATIVE: Readonly<Record<string, string>> = {
  "expo/fetch": "export const fetch = globalThis.fetch;",
  "react-native-get-random-values/index": "",
  "@react-native-async-storage/async-storage/index": `const items = new Map();
    export default {
      getItem: async (name) => items.get(name) ?? null,
      setItem: async (name, value) => void items.set(name, value),
      removeItem: async (name) => void items.delete(name),
    };`,
};

/** An app that uses the two functions of the recipe as an app does when it starts. */
const APP = `
  import { changeCvm, resumeChange } from "./recipe";
  const show = ({ stage, operation }) => console.log(stage, operation?.status);
  resumeChange(show)
    .then((resumed) => resumed ?? changeCvm({ id: "web-phala", vcpu: 4 }, show))
    .then(({ status }) => console.log(status));`;

/** Metro with the Babel preset and the conditions of React Native. It leaves no files outside the project. */
const BUNDLE = `
  const { dirname } = require("node:path");
  const { loadConfig, runBuild } = require("metro");
  const installed = process.argv[2];
  const runtime = dirname(require.resolve("metro-runtime/package.json"));
  const config = {
    projectRoot: __dirname,
    watchFolders: [installed, runtime],
    fileMapCacheDirectory: __dirname,
    cacheStores: [],
    maxWorkers: 1,
    reporter: { update() {} },
    resolver: {
      useWatchman: false,
      unstable_conditionNames: ["react-native"],
      nodeModulesPaths: [installed],
      extraNodeModules: { "metro-runtime": runtime },
    },
    transformer: { babelTransformerPath: require.resolve("@react-native/metro-babel-transformer") },
  };
  loadConfig({ cwd: __dirname }, config)
    .then((loaded) => runBuild(loaded, { entry: "index.js", platform: "ios", dev: true, minify: false, out: "app" }))
    .catch((error) => { console.error(error); process.exitCode = 1; });`;

/** Bundle the recipe for React Native with Metro. @returns the bundle, which Node can run */
export async function bundleForReactNative(project: FreshProject, code: string): Promise<string> {
  const folder = "react-native";
  await project.write(`${folder}/package.json`, '{"name":"app","private":true}');
  await project.write(
    `${folder}/babel.config.js`,
    'module.exports = { presets: [["@react-native/babel-preset", { enableBabelRuntime: false }]] };',
  );
  await project.write(`${folder}/recipe.js`, code);
  await project.write(`${folder}/index.js`, APP);
  for (const [name, text] of Object.entries(NATIVE)) {
    await project.write(`${folder}/node_modules/${name}.js`, text);
  }
  await project.write(`${folder}/bundle-app.js`, BUNDLE);
  await project.runTool("node", ["bundle-app.js", join(project.path, "node_modules")], folder);
  return readFile(join(project.path, folder, "app.js"), "utf8");
}
