/** One entry of `details[]`; the value is any JSON. */
export type ErrorDetail = {
  readonly field: string;
  readonly value?: unknown;
  readonly message?: string | null;
};

/** One entry of FastAPI's 422 array. */
export type ValidationIssue = {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
  readonly input?: unknown;
};

/** An answer that is not a success. Thrown by routes, and turned into a response in one place. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** True for the structured form, which carries the request id in its body. */
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

/** FastAPI's plain form: `{"detail": "text"}`. */
export function plainError(status: number, detail: string, headers: Record<string, string> = {}): ApiError {
  return new ApiError(status, { detail }, { headers });
}

/** FastAPI's 422 with an array of issues. */
export function validationError(issues: readonly ValidationIssue[]): ApiError {
  return new ApiError(422, { detail: issues });
}

/** The structured form of business errors, at the top level of the body. */
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

/** A wrong value in one field that the schema of the request lets by. */
export function fieldError(status: number, code: string, field: string, message: string): ApiError {
  return businessError(status, code, message, { details: [{ field, message }] });
}
