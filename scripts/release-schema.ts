/**
 * Keep the schema of the version in package.json as the released one. `npm run schema:release` runs this script when a
 * version is prepared. test/schema/contract.test.ts compares later changes with this file.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const root = join(import.meta.dirname, "..");
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
const schema = readFileSync(join(root, "schema.graphql"), "utf8");
writeFileSync(join(root, "test/schema/released.graphql"), `# Schema of version ${version}.\n\n${schema}`);
