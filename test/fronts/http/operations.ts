import type { RouteAccess } from '../../../src/fronts/http/server/request-context.ts';

/** As much of a schema as requests use. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

export interface DocumentedOperation {
  readonly operationId: string;
  readonly security: readonly { readonly apiKey: readonly string[] }[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface Operation extends DocumentedOperation {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly scope: RouteAccess;
}

/** All operations of the OpenAPI document in `response`, with who may call them. */
export async function operationsOf(response: Response): Promise<Operation[]> {
  const { paths } = (await response.json()) as OpenApi;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const [requirement] = operation.security;
      const scope = requirement === undefined ? 'open' : (requirement.apiKey[0] ?? 'any_key');
      return { ...operation, method: method.toUpperCase(), path, scope: scope as RouteAccess };
    }),
  );
}
