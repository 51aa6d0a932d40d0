import type { Problem } from "../protocol/problem.ts";
import { ApiError } from "./api-error.ts";
import { session, signOut } from "./session.ts";

type Method = "GET" | "PUT" | "POST" | "DELETE";

export interface Request {
  readonly method?: Method;
  readonly body?: object;
  /** Query of the address; what is undefined or empty is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Another key than the session's, to try it. */
  readonly key?: string;
}

/** Sends a request with the session's key and answers its body. Throws `ApiError`; a refused key ends the session. */
export async function ask<Answer>(path: string, request: Request = {}): Promise<Answer> {
  const key = request.key ?? session.value?.key;
  const response = await send(path, request, key);
  if (response.ok) return (response.status === 204 ? undefined : await bodyOf(response)) as Answer;
  const error = await errorOf(response);
  if (error.status === 401 && request.key === undefined && key === session.value?.key) signOut(error.message);
  throw error;
}

async function send(path: string, request: Request, key: string | undefined): Promise<Response> {
  const { method = "GET", body, query = {}, headers = {}, signal } = request;
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  const search = given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
  try {
    return await fetch(`${path}${search}`, {
      method,
      cache: "no-store",
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    const detail = "Stockwire does not answer. Check that it runs and that you are online, then try again.";
    throw new ApiError("unreachable", 0, "No connection", detail);
  }
}

/** Some answers, such as a replayed dead letter's, have no body. */
async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

async function errorOf(response: Response): Promise<ApiError> {
  const { status } = response;
  try {
    const problem = (await response.json()) as Problem;
    const slug = problem.type.slice(problem.type.lastIndexOf("/") + 1);
    return new ApiError(slug, status, problem.title, problem.detail, problem.errors);
  } catch {
    return new ApiError("unreadable", status, `The answer was ${status}, without a reason`);
  }
}

/** The path of something in the API, with its parts encoded. */
export function pathOf(...parts: readonly string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join("/")}`;
}
