/** Reference to a type in an introspection result. */
export type IntrospectionTypeRef = {
  readonly kind: string;
  readonly name?: string;
  readonly ofType?: IntrospectionTypeRef;
};

/** Type in an introspection result. */
export type IntrospectionType = {
  readonly kind: string;
  readonly name?: string;
  readonly fields?: readonly {
    readonly name: string;
    readonly type: IntrospectionTypeRef;
    readonly args: readonly { readonly name: string; readonly type: IntrospectionTypeRef }[];
  }[];
  readonly interfaces?: readonly { readonly kind: string; readonly name: string }[];
  readonly possibleTypes?: readonly { readonly kind: string; readonly name: string }[];
};

/** Introspection result of the gateway, without scalars, enums, inputs and descriptions. */
export type Introspection = {
  readonly __schema: {
    readonly queryType: { readonly name: string };
    readonly mutationType: { readonly name: string };
    readonly subscriptionType: { readonly name: string };
    readonly types: readonly IntrospectionType[];
  };
};
