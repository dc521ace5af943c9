import { describe } from "vitest";
import { UPDATE_COMPOSE } from "../support/mutations.ts";
import { describeTextUpdate } from "./text-update.ts";

describe("updateDockerCompose", () => {
  describeTextUpdate({
    name: "updateDockerCompose",
    query: UPDATE_COMPOSE,
    path: "docker-compose",
    type: "text/yaml",
    field: "dockerComposeFile",
    text: "services:\n  app:\n    image: nginx:1.27.3\n",
    read: "dockerCompose",
  });
});
