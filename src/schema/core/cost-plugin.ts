import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type InputShapeFromFields,
  type PothosOutputFieldConfig,
  type SchemaTypes,
  type TypeParam,
} from "@pothos/core";
import { formatCost } from "./cost-sentence.ts";
import { FieldCost, type FieldCostOptions } from "./field-cost.ts";

declare global {
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      upstreamCost: UpstreamCostPlugin<Types>;
    }

    interface FieldOptions<
      Types extends SchemaTypes = SchemaTypes,
      ParentShape = unknown,
      Type extends TypeParam<Types> = TypeParam<Types>,
      Nullable extends FieldNullability<Type> = FieldNullability<Type>,
      Args extends InputFieldMap = InputFieldMap,
      ResolveShape = unknown,
      ResolveReturnShape = unknown,
    > {
      /** The most upstream calls that the field sends. Left out for a value that comes with its parent. */
      cost?: FieldCostOptions<InputShapeFromFields<Args>>;
    }
  }
}

/** Pothos plugin of the field option `cost`: fills `extensions.upstreamCost` and ends the description. */
class UpstreamCostPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const { cost } = config.pothosOptions;
    if (cost === undefined) return config;
    return {
      ...config,
      description: `${config.description ?? ""}${formatCost(cost)}`.trim(),
      extensions: { ...config.extensions, upstreamCost: new FieldCost(cost) },
    };
  }
}

SchemaBuilder.registerPlugin("upstreamCost", UpstreamCostPlugin);
