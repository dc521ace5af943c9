import type { CodegenConfig } from "@graphql-codegen/cli";
import { scalars } from "../../packages/client/src/codegen.ts";

/** `npm run generate` writes src/gql: one typed document for each operation in src/**\/*.graphql. */
const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "src/**/*.graphql",
  generates: {
    [process.env["GQL_FOLDER"] ? `${process.env["GQL_FOLDER"]}/` : "src/gql/"]: {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        scalars,
        enumsAsTypes: true,
        useTypeImports: true,
        immutableTypes: true,
        inputMaybeValue: "T | null | undefined",
      },
    },
  },
};

export default config;
