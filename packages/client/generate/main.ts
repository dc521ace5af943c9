import { mkdir, rm, writeFile } from "node:fs/promises";
import { createArtefacts, generatedFolder } from "./artefacts.ts";

const artefacts = await createArtefacts();
await rm(generatedFolder, { recursive: true, force: true });
await mkdir(generatedFolder, { recursive: true });
for (const [name, text] of artefacts) await writeFile(new URL(name, generatedFolder), text);
