/** One item of `details[]`. The value is any JSON. */
export type ErrorDetail = {
  readonly field: string;
  readonly value?: unknown;
  readonly message?: string | null;
};

/** One item of FastAPI's 422 array. */
export type ValidationIssue = {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
  readonly input?: unknown;
};

/** An error response. Routes throw it; `errorResponse` converts it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the body has the structured form, which contains the request id. */
  readonly structured: boolean;

  constructor(
    status: number,
    body: Readonly<Record<string, unknown>>,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly structured?: boolean } = {},
  ) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.headers = options.headers ?? {};
    this.structured = options.structured ?? false;
  }
}

/** Create an error in FastAPI's plain form: `{"detail": "text"}`. */
export function plainError(status: number, detail: string, headers: Record<string, string> = {}): ApiError {
  return new ApiError(status, { detail }, { headers });
}

/** Create FastAPI's 422 with an array of issues. */
export function validationError(issues: readonly ValidationIssue[]): ApiError {
  return new ApiError(422, { detail: issues });
}

/** Create a business error in the structured form, at the top level of the body. */
export function businessError(
  status: number,
  code: string,
  message: string,
  more: {
    readonly details?: readonly ErrorDetail[];
    readonly suggestions?: readonly string[];
    readonly links?: readonly { readonly url: string; readonly label: string }[];
  } = {},
): ApiError {
  return new ApiError(status, { error_code: code, message, ...more }, { structured: true });
}

/** Create a business error about one field whose type is correct but whose value is not. */
export function fieldError(status: number, code: string, field: string, message: string): ApiError {
  return businessError(status, code, message, { details: [{ field, message }] });
}
