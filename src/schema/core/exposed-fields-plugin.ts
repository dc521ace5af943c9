import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from "@pothos/core";

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      exposedFields: ExposedFieldsPlugin<Types>;
    }
  }
}

/**
 * Pothos plugin that gives a field without code of its own no resolver, if it exposes a member of the same name. GraphQL
 * then reads the member itself, and a compiled operation does that without calling a function for each value.
 */
class ExposedFieldsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const { resolve, ...rest } = config;
    return config.extensions?.["pothosExposedField"] === config.name ? rest : config;
  }
}

SchemaBuilder.registerPlugin("exposedFields", ExposedFieldsPlugin);
