import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Keep the compiled modules, so that later starts of the process are faster. The folder belongs to the installation:
 * in a folder that is shared with other users, they could replace the code. Without the right to write there, modules
 * are compiled at each start.
 */
enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "modules"));
const { start } = await import("./start.ts");
await start();
