const encoder = new TextEncoder();
const decoder = new TextDecoder();

type BodyInit = string | Uint8Array | ArrayBuffer | SimulatedBody | null | undefined;
type HeadersLike = ConstructorParameters<typeof Headers>[0];

/** A body that is there as a whole: streams of Node take turns that virtual time knows nothing of. */
class SimulatedBody {
  readonly locked = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  getReader() {
    let isRead = this.#bytes.length === 0;
    return {
      read: async (): Promise<{ done: boolean; value?: Uint8Array }> => {
        if (isRead) return { done: true };
        isRead = true;
        return { done: false, value: this.#bytes };
      },
      cancel: async (): Promise<void> => {
        isRead = true;
      },
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#bytes.length > 0) yield this.#bytes;
  }
}

class Message {
  readonly headers: Headers;
  readonly body: SimulatedBody | null;

  constructor(body: BodyInit, headers: HeadersLike) {
    this.body = toBody(body);
    this.headers = new Headers(headers);
  }

  get bodyUsed(): boolean {
    return false;
  }

  async text(): Promise<string> {
    return this.body === null ? "" : decoder.decode(this.body.bytes);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(this.body?.bytes ?? []).buffer;
  }
}

export interface RequestSettings {
  readonly method?: string;
  readonly headers?: HeadersLike;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal | null;
}

export class SimulatedRequest extends Message {
  readonly url: string;
  readonly method: string;
  readonly signal: AbortSignal | undefined;
  readonly cf: undefined;

  constructor(from: string | URL | SimulatedRequest, settings: RequestSettings = {}) {
    const before = from instanceof SimulatedRequest ? from : undefined;
    super(settings.body ?? before?.body, settings.headers ?? before?.headers);
    this.url = from instanceof SimulatedRequest ? from.url : String(from);
    this.method = settings.method ?? before?.method ?? "GET";
    this.signal = settings.signal ?? before?.signal;
  }
}

export interface ResponseSettings {
  readonly status?: number;
  readonly headers?: HeadersLike;
  readonly webSocket?: unknown;
}

export class SimulatedResponse extends Message {
  readonly status: number;
  readonly webSocket: unknown;

  constructor(body?: BodyInit, settings: ResponseSettings = {}) {
    super(body, settings.headers);
    this.status = settings.status ?? 200;
    this.webSocket = settings.webSocket ?? null;
    if (typeof body === "string" && !this.headers.has("content-type")) {
      this.headers.set("content-type", "text/plain;charset=UTF-8");
    }
  }

  static json(value: unknown, settings: ResponseSettings = {}): SimulatedResponse {
    const headers = new Headers(settings.headers);
    headers.set("content-type", "application/json");
    return new SimulatedResponse(JSON.stringify(value), { ...settings, headers });
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
}

function toBody(body: BodyInit): SimulatedBody | null {
  if (body === null || body === undefined) return null;
  if (body instanceof SimulatedBody) return body;
  if (typeof body === "string") return new SimulatedBody(encoder.encode(body));
  return new SimulatedBody(body instanceof ArrayBuffer ? new Uint8Array(body) : body);
}
