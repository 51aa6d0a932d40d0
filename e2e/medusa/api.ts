import { z } from "zod";

/** A JSON API of the shop, with what every request carries. */
export class Api {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  with(headers: Readonly<Record<string, string>>): Api {
    return new Api(this.#url, headers);
  }

  /** Throws `RefusedError` if the answer is not a success. */
  async ask<Answer>(
    method: "GET" | "POST",
    path: string,
    body: object | undefined,
    schema: z.ZodType<Answer>,
  ) {
    const response = await fetch(this.#url + path, {
      method,
      headers: { ...this.#headers, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new RefusedError(response.status, text);
    return schema.parse(JSON.parse(text));
  }
}

export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    super(`${status}: ${text}`);
    this.status = status;
    this.text = text;
  }
}

/** An answer with one named thing that has an id. */
export function thing<Name extends string>(name: Name) {
  return z.looseObject({ [name]: z.looseObject({ id: z.string() }) }) as unknown as z.ZodType<
    Record<Name, { readonly id: string }>
  >;
}
