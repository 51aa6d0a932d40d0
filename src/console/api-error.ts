/** A request that was refused, or that could not be sent. Its message is for people. */
export class ApiError extends Error {
  /** The end of the problem's type; `unreachable` if there was no answer. */
  readonly slug: string;
  /** 0 if there was no answer. */
  readonly status: number;
  readonly title: string;
  readonly fields: readonly { readonly pointer: string; readonly detail: string }[];

  constructor(slug: string, status: number, title: string, detail = title, fields: ApiError["fields"] = []) {
    super(detail);
    this.slug = slug;
    this.status = status;
    this.title = title;
    this.fields = fields;
  }

  /** Whether the same request may succeed in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 503 || this.status === 500;
  }
}

/** What went wrong, in a form that can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("console", 0, "The console made a mistake", String(error));
}
